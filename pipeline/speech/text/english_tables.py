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
    "CA$": Currency("Canadian dollar", "Canadian dollars", "cent", "cents"),
    "AU$": Currency("Australian dollar", "Australian dollars", "cent", "cents"),
    "NZ$": Currency("New Zealand dollar", "New Zealand dollars", "cent", "cents"),
    "HK$": Currency("Hong Kong dollar", "Hong Kong dollars", "cent", "cents"),
    "S$": Currency("Singapore dollar", "Singapore dollars", "cent", "cents"),
    "R$": Currency("Brazilian real", "Brazilian reais", "centavo", "centavos"),
    "CAD": Currency("Canadian dollar", "Canadian dollars", "cent", "cents"),
    "AUD": Currency("Australian dollar", "Australian dollars", "cent", "cents"),
    "CNY": Currency("yuan", "yuan"), "RMB": Currency("yuan", "yuan"), "₩": Currency("won", "won"),
    "₽": Currency("ruble", "rubles"), "₺": Currency("lira", "lira"), "₫": Currency("dong", "dong"),
    "₪": Currency("shekel", "shekels"), "฿": Currency("baht", "baht"), "₴": Currency("hryvnia", "hryvnias"),
    "₦": Currency("naira", "naira"), "₱": Currency("peso", "pesos"), "SEK": Currency("krona", "kronor"),
    "NOK": Currency("krone", "kroner"), "DKK": Currency("krone", "kroner"), "zł": Currency("zloty", "zlotys"),
    "PLN": Currency("zloty", "zlotys"), "CZK": Currency("koruna", "korunas"),
}  # fmt: skip

SCALES = {
    "k": "thousand", "K": "thousand", "M": "million", "mn": "million", "B": "billion", "bn": "billion",
    "tn": "trillion", "m": "million", "b": "billion", "MM": "million", "mil": "million", "mln": "million",
    "Bn": "billion", "bln": "billion", "T": "trillion", "t": "trillion",
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
    "cm²": _regular("square centimeter"), "cm2": _regular("square centimeter"),
    "mm²": _regular("square millimeter"),
    "cm³": _regular("cubic centimeter"), "cm3": _regular("cubic centimeter"), "ft²": Unit("square foot",
    "square feet"),
    "ft2": Unit("square foot", "square feet"), "ft³": Unit("cubic foot", "cubic feet"),
    "mi²": _regular("square mile"),
    "sq m": _regular("square meter"), "sq km": _regular("square kilometer"), "sq mi": _regular("square mile"),
    "cu ft": Unit("cubic foot", "cubic feet"), "m/s²": Unit("meter per second squared",
    "meters per second squared"),
    "ml/min": _per("milliliter", "minute"), "g/cm³": _per("gram", "cubic centimeter"),
    "kg/m³": _per("kilogram", "cubic meter"), "mg/dL": _per("milligram", "deciliter"),
    "kN": _regular("kilonewton"), "pts": _regular("point"),
    "Nm": _regular("newton meter"), "MJ": _regular("megajoule"), "Pa": _regular("pascal"),
    "hPa": _regular("hectopascal"), "kPa": _regular("kilopascal"), "MPa": _regular("megapascal"),
    "psi": Unit("P-S-I", "P-S-I"), "mbar": _regular("millibar"), "mA": _regular("milliamp"),
    "Ω": _regular("ohm"),
    "kΩ": _regular("kilohm"), "MΩ": _regular("megohm"), "µF": _regular("microfarad"),
    "µs": _regular("microsecond"),
    "ns": _regular("nanosecond"), "mins": _regular("minute"), "secs": _regular("second"),
    "yr": _regular("year"),
    "yrs": _regular("year"), "wks": _regular("week"), "tsp": _regular("teaspoon"),
    "tbsp": _regular("tablespoon"),
    "fl oz": _regular("fluid ounce"), "mpg": Unit("mile per gallon", "miles per gallon"),
    "rpm": Unit("revolution per minute", "revolutions per minute"), "bpm": Unit("beat per minute",
    "beats per minute"),
    "ppm": Unit("part per million", "parts per million"), "dpi": Unit("dot per inch", "dots per inch"),
    "ppi": Unit("pixel per inch", "pixels per inch"), "THz": Unit("terahertz", "terahertz"),
    "mW": _regular("milliwatt"),
    "GW": _regular("gigawatt"), "TW": _regular("terawatt"), "Wh": _regular("watt hour"),
    "MWh": _regular("megawatt hour"),
    "GWh": _regular("gigawatt hour"), "TWh": _regular("terawatt hour"), "kV": _regular("kilovolt"),
    "mV": _regular("millivolt"), "Ah": _regular("amp hour"), "PB": _regular("petabyte"),
    "KiB": _regular("kibibyte"),
    "MiB": _regular("mebibyte"), "GiB": _regular("gibibyte"), "TiB": _regular("tebibyte"),
    "kbps": _per("kilobit", "second"), "Kbps": _per("kilobit", "second"), "Tbps": _per("terabit", "second"),
    "kbit/s": _per("kilobit", "second"), "Mbit/s": _per("megabit", "second"), "Gbit/s": _per("gigabit",
    "second"),
    "KB/s": _per("kilobyte", "second"), "kB/s": _per("kilobyte", "second"), "MB/s": _per("megabyte",
    "second"),
    "GB/s": _per("gigabyte", "second"), "cal": _regular("calorie"), "lm": _regular("lumen"),
    "nmi": _regular("nautical mile"),
    "mmHg": Unit("millimeter of mercury", "millimeters of mercury"), "ft/s": Unit("foot per second",
    "feet per second"),
    "MP": _regular("megapixel"), "kt": _regular("knot"), "dm": _regular("decimeter"),
    "dl": _regular("deciliter"),
    "dL": _regular("deciliter"), "µl": _regular("microliter"), "µL": _regular("microliter"),
    "μm": _regular("micrometer"),
    "μg": _regular("microgram"), "μs": _regular("microsecond"),
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
    "Rev": "Reverend", "Hon": "Honorable", "Mt": "Mount", "Ft": "Fort", "Drs": "Doctors",
    "Profs": "Professors",
    "Messrs": "Messers", "Mme": "Madame", "Mlle": "Mademoiselle", "Col": "Colonel", "Maj": "Major",
    "Adm": "Admiral",
    "Cpl": "Corporal", "Pvt": "Private", "Cmdr": "Commander", "Supt": "Superintendent",
    "Rep": "Representative",
    "Pres": "President", "Fr": "Father", "Insp": "Inspector", "Atty": "Attorney", "Mx": "Mix",
}  # fmt: skip
"""Titles; they are expanded only before a name."""

WEEKDAYS: dict[str, str] = {
    "Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday",
    "Thur": "Thursday",
    "Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday", "Weds": "Wednesday",
    **{f"{day}day": f"{day}day" for day in ("Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun")},
}  # fmt: skip

STREETS: dict[str, str] = {
    "St": "Street", "Ave": "Avenue", "Blvd": "Boulevard", "Rd": "Road", "Ln": "Lane", "Dr": "Drive",
    "Ct": "Court",
    "Pl": "Place", "Hwy": "Highway", "Pkwy": "Parkway", "Sq": "Square", "Ter": "Terrace", "Cres": "Crescent",
}  # fmt: skip
"""Abbreviations behind the name of a street that has a house number."""

DIRECTIONS = {
    "N": "North", "S": "South", "E": "East", "W": "West", "NE": "Northeast", "NW": "Northwest",
    "SE": "Southeast",
    "SW": "Southwest",
}  # fmt: skip

STATES: dict[str, str] = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "D-C", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii",
    "ID": "Idaho",
    "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana",
    "ME": "Maine",
    "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi",
    "MO": "Missouri",
    "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey",
    "NM": "New Mexico",
    "NY": "New York", "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma",
    "OR": "Oregon",
    "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota",
    "TN": "Tennessee",
    "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia",
    "WI": "Wisconsin", "WY": "Wyoming",
}  # fmt: skip
"""States of the USA before a ZIP code."""

PER: dict[str, str] = {
    "mo": "month", "month": "month", "yr": "year", "year": "year", "hr": "hour", "h": "hour", "hour": "hour",
    "day": "day", "wk": "week", "week": "week", "min": "minute", "minute": "minute", "sec": "second",
    "s": "second",
    "kg": "kilogram", "lb": "pound", "oz": "ounce", "GB": "gigabyte", "person": "person", "user": "user",
    "seat": "seat",
    "night": "night", "unit": "unit", "item": "item", "ton": "ton", "gal": "gallon", "mi": "mile",
    "km": "kilometer",
    "kWh": "kilowatt hour", "barrel": "barrel", "share": "share", "session": "session", "page": "page",
    "word": "word",
}  # fmt: skip
"""What stands behind a slash behind an amount."""

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

NEVER_LAST = frozenset(("vs", "Vs", "approx", "Approx", "Fig", "Vol", "pp", "incl", "cf"))
"""Abbreviations that end no sentence, whatever stands behind them."""

SPELLED_OUT = (
    "VIP", "AWS", "NYC", "ETA", "AKA", "ISS", "IRS", "IRA", "EST", "SOS", "LAX", "ALS", "ADA", "APA", "MIA",
    "ESPN", "COO", "LED", "ECG", "EEG", "IMF", "NYU", "FAQ", "SEO", "ROI", "UAE", "ICU", "IQ", "EQ", "UHD",
    "AV",
    "EV", "IPO", "ETF", "EPA", "TSA", "ICC", "ESG", "AGI", "ASR", "NGO", "CLI", "UX", "IOT", "UAV", "ACLU",
    "IED",
    "AAC", "AVC", "HEVC", "AOL", "UFC", "IRL", "IMO", "AR", "AED", "OEM", "UEA", "USDA", "IEP",
)  # fmt: skip
"""Initialisms that espeak would read as words; it spells out all others by itself."""

INITIALISMS = frozenset((
    *(word for word in SPELLED_OUT if word not in ("IRA", "ADA", "MIA", "ALS", "LED", "AR", "EST")),
    "USA", "UK", "EU", "UN", "FBI", "CIA", "NSA", "API", "URL", "CEO", "CFO", "CTO", "AI", "CPU", "GPU",
    "USB", "HIV",
    "DNA", "RNA", "MRI", "UCLA", "NBA", "MBA", "DIY", "ASAP", "FYI", "OK", "IBM", "AMD", "ID", "IP", "UI",
    "OS", "IPA",
    "AAA", "UFO", "NBA", "PPE", "FDA", "DOJ", "OCR", "OCD", "USD", "SUV", "ATM", "AC", "AD", "BC",
))  # fmt: skip
"""Initialisms that are spelled also where everything around them is in capitals; so are all without a "
"vowel."""

PLURAL_LETTERS = {
    "B": "bees", "C": "sees", "D": "dees", "E": "ease", "F": "effs", "G": "jeez", "H": "aitches", "I": "eyes",
    "J": "jays", "K": "kays", "L": "ells", "M": "ems", "N": "ens", "O": "ohs", "P": "peas", "Q": "cues",
    "R": "ars", "S": "esses", "T": "tees", "U": "yous", "V": "vees", "Y": "whys", "Z": "zees",
}  # fmt: skip

DOMAINS = "com|org|net|edu|gov|io|ai|app|dev|co|uk|de|fr|eu|ca|au|info|me|tv|us|xyz|tech|shop|biz"
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
    "π": "pie", "#": "number", "∞": "infinity", "≠": "is not", "∑": "sum of", "∆": "delta", "⇒": "implies",
    "−": "minus", "№": "number", "§": "section", "∈": "in", "∝": "is proportional to",
}  # fmt: skip
"""Signs between words."""
