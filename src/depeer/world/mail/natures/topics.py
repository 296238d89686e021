"""What people, lists, shops and machines write: sentences for ham."""

# ruff: noqa: E501 - sentences are easier to read whole
from __future__ import annotations

from typing import NamedTuple


class Topic(NamedTuple):
    """``sentences`` are put together at random; ``opening`` and ``closing`` stand around them."""

    subjects: tuple[str, ...]
    opening: tuple[str, ...]
    sentences: tuple[str, ...]
    closing: tuple[str, ...]


PERSONAL = Topic(
    subjects=(
        "{Re: |}{lunch|dinner|coffee} {tomorrow|on Friday}",
        "{the|your|our} {trip|photos|garden}",
        "{Re: |}{question|idea} {about|on} the {boat|house|car}",
        "{news|greetings} from {the coast|home|grandma}",
        "{Re: Re: |}{birthday|train|key}",
    ),
    opening=("Hi {user},", "Hello,", "{Dear all|Hi all|Hey},", "On {Monday|Tuesday|Friday} you wrote:"),
    sentences=(
        "{We|They|The kids} {went|drove} to the {lake|market|museum} {yesterday|last weekend}{, and it rained|, it was lovely|}.",
        "{Could|Can} you {bring|send} the {book|recipe|tickets} {when you come|by Thursday}?",
        "I {think|guess} {ten past six|half past seven|noon} {is fine|works} for {me|both of us}{, unless the train is late|}.",
        "{Mother|Uncle {first}|{first}} {says|thinks} the {roof|fence|heating} {needs|wants} {repair|paint} before {winter|May}.",
        "{By the way|Oh, and}, {the cat|our neighbour} {is back|sends greetings}.",
        "{Thanks|Many thanks} for the {photos|letter|cake}{, we all enjoyed {it|them}|}!",
        "{Let me know|Tell me} {if|whether} {that|it} {suits|is all right for} you.",
        "The {meeting|rehearsal|class} {moves|was moved} to room {dig3}, {same|usual} time.",
        "I {still|just} have to {finish|read} the {report|essay|chapter} about {words3}, {so|which is why} I am {late|short of time}.",
        "> {Did|Have} you {see|seen} the {words2} {near|by} the {words1}?",
    ),
    closing=(
        "{Best|Cheers|Love|See you},\n{first}",
        "{Bye|Take care},\n{first} {last}",
        "--\n{first} {last}\n{words4}",
    ),
)

DISCUSSION = Topic(
    subjects=(
        "[talk] {Re: |Re: |}{words3}",
        "Re: [talk] {build|release|patch} {fails|works|question}",
        "[talk] {Digest|News} {Vol|No} {dig2}, {dig3}",
        "Re: [talk] {slow|broken|odd} {words2}",
        "[talk] {meeting|minutes|vote}",
    ),
    opening=(
        "On {date}, {first} {last} wrote:\n> {words12}\n> {words11}\n> {words9}",
        "{first} {last} wrote:\n> {words10}\n> {words12}\n>> {words8}",
        "{Hi|Hello} {all|list|folks},",
    ),
    sentences=(
        "{I|We} {tried|tested} {this|the patch} {on|with} {version {dig1}.{dig1}|the old branch} {and|but} {it works|the {words1} {is|was} {wrong|missing}}.",
        "{Has anybody|Did anyone} {seen|tried} this {with|on} {a newer|another} {kernel|compiler|server}?",
        "{See|Look at} line {dig3} of {words1}.c{: the {words1} is {freed|read} twice|}.",
        "{In my opinion|I think|IMHO} {we|the project} should {keep|drop|rewrite} the {words2} {before|after} {the release|version {dig1}}.",
        "{The archive|The manual|The FAQ} {has|explains} {a|the} {way|trick} {to do that|around it}{, but it is {old|wrong}|}.",
        "> {words12}\n> {words10}",
        "{No|Not} {idea|sure}, {but|though} {strace|the log|a debugger} {shows|says} {words6}.",
        "{words10}{,| and} {words9}.",
        "    {words2}: {dig3} {words1} ({hex8})",
    ),
    closing=(
        "{first}\n--\n{words6}",
        "{Regards|Cheers},\n{first} {last}",
        "-- \n{first} {last}  {words3}\n{words7}",
    ),
)

TRANSACTION = Topic(
    subjects=(
        "Your order {dig8}",
        "{Receipt|Invoice} {for|of} order {dig7}",
        "{Booking|Reservation} {up2}{dig4} confirmed",
        "Your {parcel|ticket} {is on its way|was sent}",
    ),
    opening=(
        "Dear {user},\n\nthank you for your order with {company}.",
        "Order number: {dig8}\nDate: {date}",
    ),
    sentences=(
        "{dig1} x {words2}    {dig2}.{dig2}",
        "{Delivery|Shipping}: {dig1}.{dig2}",
        "Total: {dig3}.{dig2}",
        "{Your parcel|It} will {arrive|be delivered} within {dig1} days.",
        "{Track|Follow} it with number {dig12}.",
        "{You may|You can} {change|cancel} {the|your} {order|booking} until {midnight|it is sent}.",
    ),
    closing=("{company}\n{dig2} {words1} street", "Questions? {Write to us|Answer this message}.\n{company}"),
)

REPORT = Topic(
    subjects=("Cron <root@{helo}> {/usr/sbin/logrotate|run-parts /etc/cron.daily|backup}", "{Logwatch|Backup} for {helo}", "[{helo}] {disk|load} {report|warning}", "{Nightly|Weekly} {build|statistics} {dig4}"),
    opening=("################### {Logwatch|Report} ####################\n  Period: {date}", "/etc/cron.daily/{words1}:"),
    sentences=(
        "{words1}[{dig4}]: {words4} {hex8}", "   {dig3} {words2}    {dig2}.{dig1}%", "{/home|/var|/srv}  {dig5}M  {dig4}M  {dig2}%",
        "{OK|WARNING|INFO}: {words5} ({dig3} ms)", "rejected: {dig3}  accepted: {dig4}  deferred: {dig1}",
    ),
    closing=("###################### end #########################", "{dig3} lines, {dig1} warnings"),
)  # fmt: skip

TOPICS = {
    "personal": PERSONAL,
    "newsletter": DISCUSSION,
    "transaction": TRANSACTION,
    "report": REPORT,
}
