"""The same kind of offers in other languages, so that charsets are more than labels. Any category may use them."""

# ruff: noqa: E501 - sentences are easier to read whole
from __future__ import annotations

from depeer.world.mail.phrases import Phrases

RUSSIAN = Phrases(
    subjects=(
        "{Выгодное|Лучшее} предложение {dig3}",
        "Семинар для {бухгалтеров|директоров}",
        "Скидка {pct}% {сегодня|на всё}",
    ),
    offers=(
        "{Наша компания|Мы} {предлагает|предлагаем} {товары|услуги} со скидкой {pct}%.",
        "{Приглашаем|Ждём} вас на {семинар|встречу} {dig2} числа, {начало|регистрация} в {dig1} часов.",
        "Цена {от|всего} {dig4} рублей, {доставка|установка} бесплатно.",
    ),
    reasons=(
        "{Звоните|Пишите} {сейчас|сегодня}: {dig3}-{dig2}-{dig2}",
        "{Гарантия|Качество} {два года|и надёжность}.",
        "Количество мест {ограничено|уменьшается}.",
    ),
    calls=("{Подробнее|Узнать больше}", "{Наш сайт|Заказать}"),
)
GERMAN = Phrases(
    subjects=(
        "{Günstige|Billige} {Tabletten|Uhren} für Sie",
        "{pct}% {Rabatt|Nachlaß} {heute|für Männer}",
        "Ihre {Rechnung|Bestellung} {dig6}",
    ),
    offers=(
        "{Bestellen|Kaufen} Sie {ohne Rezept|bequem von zu Hause}, {schon ab|nur} {dig2} €.",
        "{Größte|Beste} {Auswahl|Qualität} für {jeden|alle}, {geprüft|zuverlässig} und {günstig|schnell}.",
        "{Über|Mehr als} {dig3} {zufriedene Kunden|Geschäfte} {können nicht irren|empfehlen uns}.",
    ),
    reasons=(
        "{Diskrete|Schnelle} Lieferung in {dig1} Tagen.",
        "{Fühlen|Überzeugen} Sie {sich|selbst}!",
        "{Mit freundlichen Grüßen|Ihr Team}",
    ),
    calls=("{Hier|Jetzt} {klicken|bestellen}", "Zum {Geschäft|Angebot}"),
)
SPANISH = Phrases(
    subjects=(
        "{Oferta|Promoción} {especial|única} {dig3}",
        "¡{Gane|Ahorre} {pct}% {hoy|mañana}!",
        "Curso de {dirección|contabilidad} en {línea|su ciudad}",
    ),
    offers=(
        "{Le ofrecemos|Aproveche} {los mejores|nuestros} {precios|descuentos} del año: {pct}% menos.",
        "{Curso|Diploma} con {certificación|práctica}, {inscripción|matrícula} desde ${dig3}.",
        "{Más información|Atención} {aquí|en español} de lunes a sábado.",
    ),
    reasons=(
        "{Envío|Garantía} {rápido|sin costo} a {todo el país|domicilio}.",
        "{Llámenos|Escríbanos} al {dig3} {dig4}.",
        "Cupo {limitado|según pedido}, ¡no espere más!",
    ),
    calls=("{Ver|Conocer} más", "{Pedir|Comprar} {aquí|ahora}"),
)
JAPANESE = Phrases(
    subjects=("{無料|完全無料}の出会い", "{今夜|今日}の{お知らせ|ご案内}", "当選{番号|通知} {dig4}"),
    offers=(
        "{登録|利用}は{無料|簡単}です。{今すぐ|こちらから}どうぞ。",
        "{近く|東京}の{友達|人}が{待って|探して}います。",
        "{先着|本日}{dig2}名様に{特典|ポイント}をプレゼント。",
    ),
    reasons=(
        "{安心|安全}の{サービス|サポート}です。",
        "{退会|解約}は{いつでも|自由に}できます。",
        "{女性|皆様}から{メール|連絡}が届きます。",
    ),
    calls=("{登録|入口}はこちら", "{詳細|続き}を見る"),
)
CHINESE = Phrases(
    subjects=("{优惠|合作}通知 {dig3}", "{公司|企业}{发票|管理}服务", "{培训|课程}邀请"),
    offers=("我公司{代理|提供}{各种|优质}{服务|产品}，价格{优惠|合理}。", "{财务|销售}{经理|人员}{培训|课程}，{本月|下周}开课。", "欢迎{来电|来信}咨询：{dig3}-{dig4}"),
    reasons=("{联系人|经理}：{李|王}先生", "{质量|信誉}保证，{全国|免费}送货。", "{打扰之处|不便之处}，敬请原谅。"),
    calls=("{查看|了解}详情", "{点击|进入}这里"),
)  # fmt: skip

LANGUAGES = {
    "ru": (RUSSIAN, "koi8-r"),
    "de": (GERMAN, "cp1252"),
    "es": (SPANISH, "cp1252"),
    "ja": (JAPANESE, "iso2022_jp"),
    "zh": (CHINESE, "gb2312"),
}
"""Phrases, and the codec that senders of the language use."""
