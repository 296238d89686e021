"""Every category of spam, by name."""

from __future__ import annotations

from depeer.world.mail.phrases import Phrases
from depeer.world.mail.phrases.goods import PHARMA, REPLICA, SOFTWARE
from depeer.world.mail.phrases.lures import DATING, MALWARE, PHISHING
from depeer.world.mail.phrases.money import ADVANCE_FEE, CASINO, JOB, STOCK

CATEGORIES: dict[str, Phrases] = {
    "pharma": PHARMA,
    "replica": REPLICA,
    "stock": STOCK,
    "dating": DATING,
    "casino": CASINO,
    "phishing": PHISHING,
    "malware": MALWARE,
    "advance-fee": ADVANCE_FEE,
    "software": SOFTWARE,
    "job": JOB,
}
