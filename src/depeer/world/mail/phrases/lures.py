"""Lures: dating, phishing, malware."""

# ruff: noqa: E501 - sentences are easier to read whole
from __future__ import annotations

from depeer.world.mail.phrases import Phrases

DATING = Phrases(
    subjects=(
        "{Hi|Hello|Hey} {from|it's} {first}",
        "{I saw|Saw} your {profile|picture}",
        "{Lonely|Bored} {tonight|this weekend}?",
        "{first} {wants to|would like to} {meet|chat with} you",
        "{Re: |}{our|the} {meeting|evening}",
    ),
    offers=(
        "{Hi|Hello}{ {user}|}, {my name is|I am} {first}, {I am|and I'm} {2{dig1}|3{dig1}} and {single|new in town|looking for a friend}.",
        "{Thousands of|Many} {single|lonely} {people|women and men} {near|close to} you {want|wait} to {meet|chat}.",
        "{I found|Got} your {address|mail} {at|on|from} the dating {site|page} {and thought|so} I {write|say hello}.",
        "{Join|Registration is} free {today|for {dig2} hours}.",
    ),
    reasons=(
        "{I like|I love} {music|walks|the sea} and {good|long} {talks|evenings}.",
        "{My|More} {pictures|photos} are on my page.",
        "{Write|Answer} {soon|me}, {I am|I'm} {waiting|online tonight}.",
        "{Real|Serious} {people|profiles} {only|}, {no|without} {fees|obligation}.",
    ),
    calls=("{See|Look at} my {page|pictures}", "{Chat|Meet} {now|here}", "{Join|Enter} free"),
)

PHISHING = Phrases(
    subjects=(
        "{Important|Security} {notice|message} from {company} Bank",
        "{Your|Online} account {has been|was} {limited|suspended|locked}",
        "{Confirm|Verify|Update} your {account|details} {now|within {dig2} hours}",
        "{Unusual|Suspicious} {activity|sign-in} on your account",
        "{Notification|Case} {up2}-{dig7}",
    ),
    offers=(
        "{Dear|Valued} {customer|client|member|{user}},",
        "{We|Our security team} {noticed|detected|found} {unusual|unauthorised} {activity|log-in attempts} {on|in} your account.",
        "{For your protection|As a measure of safety}, {access|your account} {has been|was} {limited|suspended} {until|pending} {verification|you confirm your details}.",
        "{Please|You are asked to} {confirm|verify|update} your {details|records} {within {dig2} hours|without delay}.",
    ),
    reasons=(
        "{Failure|If you fail} to {do so|comply} {will|may} {lead to|result in} {permanent|final} {closure|suspension}.",
        "{We apologise|Sorry} for {any|the} {inconvenience|trouble}.",
        "{This is|You received} an automatic message; {please |}do not {reply|answer}.",
        "{Thank you|Sincerely}, {company} Bank, {security|customer} {department|centre}",
        "{Ref|Case}: {up3}{dig8}",
    ),
    calls=(
        "{Sign in|Log on} {here|to your account}",
        "{Confirm|Verify} {your account|now}",
        "{Continue|Go on}",
    ),
)

MALWARE = Phrases(
    subjects=(
        "{You have|You've} {received|got} {a|an} {postcard|e-card|greeting}",
        "{Your|The} {invoice|parcel|ticket} {dig6}",
        "{first} {sent|made} you a {card|video}",
        "{Delivery|Tracking} number {dig9}",
        "{News|Video}: {storm|election|match} {shocks|surprises} {the country|everyone}",
    ),
    offers=(
        "{Good day|Hello}, {your|a} {friend|colleague|neighbour} {has sent|sent} you {a|an} {postcard|greeting card|e-card}.",
        "{Open|See|View} {it|your card} {by|when} {clicking|following} the {link|address} {below|here}.",
        "{Your|The} {parcel|invoice|statement} {dig6} is {ready|attached}; {print|open} {it|the document}.",
        "{You need|Install} the {latest|new} {player|viewer} to {see|watch} {it|the video}.",
    ),
    reasons=(
        "{Your card|It} will be {kept|stored} for {dig2} days.",
        "{With|Best} {regards|wishes}, {the postcard team|mail administrator|webmaster}",
        "{This|The} file was {scanned|checked}: {clean|no threat found}.",
        "{Enjoy|Have fun}!",
    ),
    calls=("{Open|See} {it|your card}", "{Watch|View} the video", "{Print|Get} the {label|document}"),
)  # fmt: skip
