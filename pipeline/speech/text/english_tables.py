"""Tables of English text normalisation: units, currencies, months, abbreviations, signs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """The name of a unit of measurement."""

    singular: str
    plural: str


@dataclass(frozen=True)
class Currency:
    """The name of a currency, and of its hundredth where it has one."""

    singular: str
    plural: str
    minor_singular: str = ""
    minor_plural: str = ""

    def unit(self, amount: str) -> str:
        """The currency's name after an amount in digits."""
        return self.singular if amount == "1" else self.plural

    def minor_unit(self, amount: str) -> str:
        """The name of its hundredth after two digits."""
        return self.minor_singular if amount == "01" else self.minor_plural


def _regular(singular: str) -> Unit:
    return Unit(singular, f"{singular}s")


def _per(singular: str, per: str) -> Unit:
    return Unit(f"{singular} per {per}", f"{singular}s per {per}")


_DOLLAR = Currency("dollar", "dollars", "cent", "cents")
_EURO = Currency("euro", "euros", "cent", "cents")
_POUND = Currency("pound", "pounds", "penny", "pence")
_YEN = Currency("yen", "yen")
_RUPEE = Currency("rupee", "rupees", "paisa", "paise")

CURRENCIES: dict[str, Currency] = {
    "US$": Currency("US dollar", "US dollars", "cent", "cents"),
    "A$": Currency("Australian dollar", "Australian dollars", "cent", "cents"),
    "C$": Currency("Canadian dollar", "Canadian dollars", "cent", "cents"),
    "$": _DOLLAR, "€": _EURO, "£": _POUND, "¥": _YEN, "₹": _RUPEE, "¢": Currency("cent", "cents"),
    "₿": Currency("bitcoin", "bitcoins"), "USD": Currency("US dollar", "US dollars", "cent", "cents"),
    "EUR": _EURO, "GBP": _POUND, "JPY": _YEN, "INR": _RUPEE,
    "CHF": Currency("Swiss franc", "Swiss francs", "centime", "centimes"),
}  # fmt: skip

SCALES = {
    "k": "thousand", "K": "thousand", "M": "million", "mn": "million", "B": "billion", "bn": "billion",
    "tn": "trillion",
}  # fmt: skip

UNITS: dict[str, Unit] = {
    "km": _regular("kilometer"), "m": _regular("meter"), "cm": _regular("centimeter"),
    "mm": _regular("millimeter"), "nm": _regular("nanometer"), "µm": _regular("micrometer"),
    "mi": _regular("mile"), "ft": Unit("foot", "feet"), "yd": _regular("yard"), "in.": Unit("inch", "inches"),
    "km²": _regular("square kilometer"), "km2": _regular("square kilometer"),
    "m²": _regular("square meter"), "m2": _regular("square meter"),
    "sq ft": Unit("square foot", "square feet"),
    "m³": _regular("cubic meter"), "m3": _regular("cubic meter"), "ha": _regular("hectare"),
    "kg": _regular("kilogram"), "g": _regular("gram"), "mg": _regular("milligram"), "t": _regular("ton"),
    "µg": _regular("microgram"), "lb": _regular("pound"), "lbs": _regular("pound"), "oz": _regular("ounce"),
    "l": _regular("liter"), "L": _regular("liter"), "ml": _regular("milliliter"),
    "mL": _regular("milliliter"),
    "cl": _regular("centiliter"), "gal": _regular("gallon"),
    "s": _regular("second"), "sec": _regular("second"), "ms": _regular("millisecond"),
    "min": _regular("minute"), "h": _regular("hour"), "hr": _regular("hour"), "hrs": _regular("hour"),
    "km/h": _per("kilometer", "hour"), "kph": _per("kilometer", "hour"), "mph": _per("mile", "hour"),
    "m/s": _per("meter", "second"), "°C": Unit("degree Celsius", "degrees Celsius"),
    "°F": Unit("degree Fahrenheit", "degrees Fahrenheit"), "°": _regular("degree"),
    "Hz": Unit("hertz", "hertz"), "kHz": Unit("kilohertz", "kilohertz"),
    "MHz": Unit("megahertz", "megahertz"), "GHz": Unit("gigahertz", "gigahertz"),
    "W": _regular("watt"), "kW": _regular("kilowatt"), "MW": _regular("megawatt"),
    "kWh": _regular("kilowatt hour"), "V": _regular("volt"), "mAh": _regular("milliamp hour"),
    "kB": _regular("kilobyte"), "KB": _regular("kilobyte"), "MB": _regular("megabyte"),
    "GB": _regular("gigabyte"), "TB": _regular("terabyte"), "Mbps": _per("megabit", "second"),
    "Gbps": _per("gigabit", "second"), "dB": _regular("decibel"), "px": _regular("pixel"),
    "fps": _per("frame", "second"), "kcal": _regular("kilocalorie"), "kJ": _regular("kilojoule"),
}  # fmt: skip

MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
MONTHS: dict[str, str] = {
    **{name.lower(): name for name in MONTH_NAMES},
    **{name[:3].lower(): name for name in MONTH_NAMES if name != "May"},
    "sept": "September",
}

FRACTIONS: dict[str, tuple[str, str]] = {
    "½": ("1", "2"), "⅓": ("1", "3"), "⅔": ("2", "3"), "¼": ("1", "4"), "¾": ("3", "4"), "⅕": ("1", "5"),
    "⅛": ("1", "8"), "⅜": ("3", "8"), "⅝": ("5", "8"), "⅞": ("7", "8"),
}  # fmt: skip

TITLES: dict[str, str] = {
    "Mr": "Mister", "Mrs": "Missis", "Ms": "Miz", "Dr": "Doctor", "Prof": "Professor", "Capt": "Captain",
    "Gen": "General", "Gov": "Governor", "Sen": "Senator", "Lt": "Lieutenant", "Sgt": "Sergeant",
    "Rev": "Reverend", "Hon": "Honorable", "Mt": "Mount", "Ft": "Fort",
}  # fmt: skip
"""Titles; they are expanded only before a name."""

ABBREVIATIONS: dict[str, str] = {
    "Jr": "Junior", "Sr": "Senior", "Ave": "Avenue", "Blvd": "Boulevard", "Rd": "Road", "Apt": "Apartment",
    "Dept": "Department", "dept": "department", "Inc": "Incorporated", "Ltd": "Limited",
    "Corp": "Corporation", "Co": "Company", "Bros": "Brothers", "vs": "versus", "Vs": "versus",
    "etc": "et cetera", "approx": "approximately", "Approx": "Approximately", "Fig": "Figure",
    "Vol": "Volume", "pp": "pages", "govt": "government", "Tel": "Telephone", "Ext": "Extension",
    "Univ": "University", "incl": "including", "cf": "compare", "et al": "and others", "Mon": "Monday",
    "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Thurs": "Thursday",
    "Fri": "Friday", "Feb": "February", "Aug": "August", "Sept": "September", "Oct": "October",
    "Nov": "November", "Dec": "December",
}  # fmt: skip

SPELLED_OUT = (
    "VIP", "AWS", "NYC", "ETA", "AKA", "ISS", "IRS", "IRA", "EST", "SOS", "LAX", "ALS", "ADA", "APA", "MIA",
    "ESPN",
)  # fmt: skip
"""Initialisms that espeak would read as words; it spells out all others by itself."""

PLURAL_LETTERS = {
    "B": "bees", "C": "sees", "D": "dees", "E": "ease", "F": "effs", "G": "jeez", "H": "aitches", "I": "eyes",
    "J": "jays", "K": "kays", "L": "ells", "M": "ems", "N": "ens", "O": "ohs", "P": "peas", "Q": "cues",
    "R": "ars", "S": "esses", "T": "tees", "U": "yous", "V": "vees", "Y": "whys", "Z": "zees",
}  # fmt: skip

DOMAINS = "com|org|net|edu|gov|io|ai|app|dev|co|uk|de|fr|eu|ca|au|info|me|tv|us|xyz|tech|shop|biz"
COUNTED_IN_ROMAN = "World War|Chapter|Part|Act|Volume|Section|Phase|Type|Stage|Super Bowl|Appendix"
"""Nouns before a Roman numeral that is read as a cardinal."""

MONARCHS = (
    "Henry|Louis|Elizabeth|Charles|George|Edward|James|William|Richard|Philip|Napoleon|Frederick|Catherine|"
    "Pope [A-Z][a-z]+|John Paul|Alexander|Nicholas|Ivan"
)
"""Names before a Roman numeral that is read as an ordinal."""

ADDRESS_SIGNS = {
    ".": "dot", "/": "slash", "@": "at", "-": "dash", "_": "underscore", ":": "colon", "?": "question mark",
    "&": "and", "=": "equals", "#": "hash", "+": "plus", "%": "percent", "~": "tilde",
}  # fmt: skip
"""Signs inside web and mail addresses."""

SIGN_NAMES = {
    "&": "and", "+": "plus", "=": "equals", "%": "percent", "@": "at", "×": "times", "÷": "divided by",
    "<": "less than", ">": "greater than", "≈": "about", "≤": "at most", "≥": "at least", "→": "to",
    "/": "slash", "°": "degrees", "©": "copyright", "±": "plus or minus", "√": "square root of",
    "π": "pie", "#": "number",
}  # fmt: skip
"""Signs between words."""
