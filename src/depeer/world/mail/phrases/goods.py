"""Things to buy: pharma, replica, software."""

# ruff: noqa: E501 - sentences are easier to read whole
from __future__ import annotations

from depeer.world.mail.phrases import Phrases

PHARMA = Phrases(
    subjects=(
        "{Cheap|Best|Low-cost} {pills|meds|tablets} {online|for you|today}",
        "{Your|The} {pharmacy|prescription} {order|discount} {dig5}",
        "{Save|Get} {pct}% {on|off} {Vigorix|Cialorin|all pills}",
        "Re: {your prescription|pharmacy {news|update}|order {dig6}}",
        "{Dear {user}|{user}}, {pct}% {off|discount} {today|this week|now}",
        "{Doctors|Men|Customers} {recommend|choose|love} {Vigorix|Cialorin}",
    ),
    offers=(
        "{Our|The} {licensed|trusted|online} pharmacy {offers|brings you|has} {Vigorix|Cialorin} {from|at only} ${price} {per|a} {dose|tablet}.",
        "{Buy|Order|Get} {genuine|quality|generic} {pills|tablets} {without|with no} {prior |}prescription{!|.}",
        "{Vigorix|Cialorin} {x {dig2} pills|- {dig2} tablets|pack of {dig2}} ${price}{, you save ${price}|}",
        "{Why pay|Stop paying} {more|high prices} {at|in} {the corner|your local|a city} {drugstore|pharmacy}{?|!}",
        "{All|Most} {popular|known} {medications|meds|remedies} in one {place|shop|store}, {pct}% {cheaper|less}.",
    ),
    reasons=(
        "{Discreet|Private|Plain} {packaging|shipping} {worldwide|to your door|in {dig1} days}.",
        "{Over|More than} {dig3},{dig3} {happy|satisfied} {customers|clients|patients}.",
        "{Visa and others|All cards|Cards} {accepted|are welcome}; {money back|full refund} {guaranteed|if not satisfied}.",
        "{No|Zero} {waiting rooms|embarrassment|queues}, {no|zero} {appointments|questions asked}.",
        "{Feel|Be} {young|strong|confident} {again|every day|tonight}.",
        "{Our|The} {doctors|pharmacists|team} {answer|reply} {day and night|24 hours a day|at any time}.",
    ),
    calls=(
        "{Visit|See|Enter} {our|the} {shop|store|site}",
        "{Order|Buy} {now|today|here}",
        "{Click|Look} {here|inside}",
    ),
)

REPLICA = Phrases(
    subjects=(
        "{Luxury|Swiss-style|Elegant} {watches|timepieces} {from|for} ${price}",
        "{Replica|Exact copy} {watches|Chronova} {for|at} {pct}% {less|off}",
        "{Time|Watch} {for a gift|yourself}: {Chronova|Aurelix} {model|series} {dig3}",
        "{Nobody|No one} {will|can} {know|tell}, {user}",
        "{Look|Feel} {rich|successful} {for ${price}|today}",
    ),
    offers=(
        "{Exclusive|Perfect|First-class} {replica|copies of} {Chronova|Aurelix|luxury} {watches|timepieces}, {only|just} ${price}.",
        "{The|Our} {new|{dig1}th} {collection|season} is {here|online}: {watches|bags|pens}, {more than|over} {dig3} {models|designs}.",
        "{Weight|Size|Logo}, {colour|steel|glass}: {every|each} {detail|mark} {as|like} {on|in} the {original|genuine one}.",
        "{Why|Who would} {spend|pay} {thousands|a fortune} {on|for} {the real thing|an original}{?|!}",
    ),
    reasons=(
        "{Automatic|Japanese|Quartz} {movement|works}, {solid|brushed} {steel|case}.",
        "{Water|Scratch} resistant, {one|two} year{s|} {guarantee|warranty}.",
        "{Free|Insured} {shipping|delivery} {on|for} {two|all} {watches|orders}.",
        "{Gift|Wooden} box {included|free of charge}.",
        "{Our|The} {workshop|makers} {worked|work} {with|from} {genuine|original} {parts|drawings}.",
    ),
    calls=("{Choose|Find} {your|a} watch", "{Browse|See} {the|our} {catalogue|collection}", "{Get|Order} {yours|one} {now|here}"),
)  # fmt: skip

SOFTWARE = Phrases(
    subjects=(
        "{OEM|Original} software {from|at} ${price}",
        "{Download|Get} {any|all} {software|programs} {now|today}",
        "{Your|A} licence {for|of} {Picturemaker|Officeworks|Systemone} {dig1}",
        "{Office|Graphics|System} {suite|pack} {dig4} {-|for} ${price}",
        "{Stop|No more} {overpaying|waiting} for software",
    ),
    offers=(
        "{Picturemaker|Officeworks|Systemone} {dig1}.{dig1} {Pro|Premium|Ultimate}: {retail|shop} price ${price}, {our|your} price ${price}.",
        "{All|Our} software is {available|ready} {for|as} {instant|immediate} download, {no|without} {box|shipping|waiting}.",
        "{More than|Over} {dig3} {titles|programs} in {five|seven|eleven} languages.",
        "{Complete|Full} {versions|packages} {with|and} {serial|licence} {numbers|keys} {included|by mail}.",
    ),
    reasons=(
        "{OEM|Volume} means {no|without} {printed|paper} {manual|box}, {so you pay|you pay only for} {less|the software}.",
        "{Updates|Support} {included|for a year|free}.",
        "{Works|Runs} on {PC and other computers|all systems}.",
        "{Schools|Companies|Students} {save|pay} {pct}% {less|}.",
    ),
    calls=("{Download|Get it} {here|now}", "{See|Read} the {list|price list}", "{Visit|Enter} {our|the} {shop|store}"),
)  # fmt: skip
