"""Money: stock, casino, advance-fee, job."""

# ruff: noqa: E501 - sentences are easier to read whole
from __future__ import annotations

from depeer.world.mail.phrases import Phrases

STOCK = Phrases(
    subjects=(
        "{symbol} {is|goes} {moving|up|hot}",
        "{Watch|Look at} {symbol} {on Monday|today|tomorrow}",
        "{Hot|Breaking} {stock|market} {news|alert}: {symbol}",
        "{Investors|Traders} {alert|wake up}",
        "{It|This one} {will|is going to} {explode|double|run}",
    ),
    offers=(
        "{Company|Name}: {company} ({Symbol|Ticker}: {symbol})",
        "{Current|Last} price: ${dig1}.{dig2}   {5|Five}-day {target|expectation}: ${dig1}.{dig2}",
        "{symbol} {announced|signed|reported} {a|another} {contract|discovery|agreement} {worth|of} ${dig2} million {today|this week}.",
        "{Shares|The stock} {climbed|rose|jumped} {pct}% {on|with} {heavy|huge|strong} volume {and|but} {this is|it is} {only|just} the {start|beginning}.",
    ),
    reasons=(
        "{Put|Set} {symbol} on your {radar|screen|list} {before|ahead of} the {bell|opening}.",
        "{Analysts|Insiders|Experts} {expect|see} {a|another} {strong|record} {quarter|year}.",
        "{Small|Few} {float|shares outstanding}, {big|huge} {news|campaign}.",
        "{Read|Check} the news, {call|ask} your broker, {get in|act} {early|first thing in the morning}.",
        "{This|The} {information|report} {contains|may contain} {forward looking statements|opinions}; {invest at your own risk|see a broker}.",
    ),
    calls=("{Read|See} the {news|report}", "{Call|Ask} your broker", "{Act|Move} {now|fast}"),
)

CASINO = Phrases(
    subjects=(
        "{Your|A} ${price} {casino|welcome} bonus",
        "{Play|Win} {big|tonight|online}",
        "{pct}% {bonus|extra} on {your|the} first deposit",
        "{user}, {you are|you have been} {invited|selected}",
        "{Royal|Golden|Lucky} {Wheel|Seven|Table} Casino {opens|welcomes you}",
    ),
    offers=(
        "{Get|Claim|Take} {up to|a} ${price} {free|bonus} {when|as} you {join|sign up} {today|now}.",
        "{More than|Over} {dig2} {games|tables|slots}: {roulette|blackjack|poker}, {live|with friends|day and night}.",
        "{Download|Open} {our|the} casino, {enter|use} the code {up3}{dig3}, {and play|and win}.",
        "{Deposit|Pay in} ${dig2} {and|to} {play|start} with ${dig3}.",
    ),
    reasons=(
        "{Payouts|Winnings} {within|in} {dig2} hours.",
        "{Fair|Certified} games, {audited|tested} {monthly|every month}.",
        "{Last|This} week {one|a} player {won|took home} ${dig2},{dig3}.",
        "{No|Without} {download|credit card} {needed|required}.",
    ),
    calls=("{Play|Join} {now|here}", "{Claim|Get} {your|the} bonus", "{Enter|Visit} the casino"),
)  # fmt: skip

ADVANCE_FEE = Phrases(
    subjects=(
        "{URGENT|CONFIDENTIAL} {BUSINESS|PROPOSAL|ASSISTANCE}",
        "{Dear|My dear} {friend|sir|partner}",
        "{Your|The} {inheritance|payment|fund} {of|worth} ${dig2}.{dig1} {million|M}",
        "{Award|Winning} {notification|notice} {dig4}/{up3}",
        "{From|Message from} {the desk of |}{Mr.|Mrs.|Barrister} {name}",
    ),
    offers=(
        "{I am|My name is} {Mr.|Mrs.|Barrister|Dr.} {name}, {an auditor|a manager|the only child of a merchant} {in|with|of} {company}.",
        "{A|One} {customer|depositor} {died|passed away} {without|and left no} {next of kin|heir|will}, {leaving|and left} {the sum of |}${dig2}.{dig1} {million|M} {in our bank|behind}.",
        "{I need|We seek|I am looking for} {your assistance|a reliable partner|a trustworthy person} {to move|for the transfer of|to receive} {this|the} {fund|money|sum}.",
        "{You will|Your share is to} {have|be|receive} {dig2}% {of the total|for your help}{, the rest is mine|}.",
    ),
    reasons=(
        "{Please|Kindly} {treat|keep} this {as|} {strictly |}confidential{ until we have finished|}.",
        "{All|The} {papers|documents} {will be|are} {prepared|arranged} by {a|my} {lawyer|attorney}.",
        "{The|This} {transaction|business} is {100%|completely} {risk free|legal}.",
        "{I am waiting|I await|I look forward} {for|to} your {urgent|kind|positive} {reply|response}.",
        "{Send|Forward} {me |}your {full name|name}, {address|country} and {telephone|phone} number.",
        "{God bless you|Remain blessed|Best regards}, {name}",
    ),
    calls=("{Reply|Write} {to me|at once}", "{Read|See} the {story|papers}", "{Contact|Call} me"),
)

JOB = Phrases(
    subjects=(
        "{Job|Work} {offer|at home|from home}",
        "{Vacancy|Position} {dig5}: {manager|assistant|agent}",
        "{Earn|Make} ${dig4} {a month|per week} {from home|part time}",
        "{Re: |}{your|Your} {resume|application|CV}",
        "{Diploma|Degree} {without|in} {exams|two weeks}",
    ),
    offers=(
        "{company} {seeks|needs|is hiring} {regional|financial|payment} {managers|agents|assistants} {in your area|in your country}.",
        "{Earn|Make|Receive} ${dig4} {a month|monthly|per month} for {two|three|five} hours {a|per} {day|week}.",
        "{Your|The} {task|duty} is to {receive|accept} {payments|parcels} and {send|pass} them {on|to our clients}{, keeping {dig1}%|}.",
        "{No|Without} {experience|investment|fees} {needed|required}.",
    ),
    reasons=(
        "{We provide|You get} {full|free} {training|support}.",
        "{Age|You are} {over |}{18|21}{ or older|}, {with|have} {a computer|an e-mail account} and {a|one} bank account.",
        "{Flexible|Free} {hours|schedule}, {paid|} {holidays|bonuses}.",
        "{Send|Mail} {us |}your {name|resume} {and|with} {phone|telephone} number.",
    ),
    calls=("{Apply|Register} {now|here}", "{Fill in|Open} the form", "{Read|Learn} more"),
)  # fmt: skip
