"""Mail: from bytes to headers, parts, hops and links."""
