"""Word lists for refills. The model sees most of them as slots; names, banks, tasks and quotes it copies."""

NAMES = """Alice Bob Carol Dave Eve Frank Grace Heidi Ivan Judy Mallory Niaj Olivia Peggy Rupert Sybil Trent Victor Walter Zoe
Aisha Amara Amir Ana Anders Andrea Anjali Anna Antoine Aoife Arjun Astrid Aya Beatriz Bilal Björn Boris Bruno Camila Carlos Chen Chiara
Chloe Claire Clara Daniel Daria Deepak Diego Dimitri Dina Dmitry Elena Elif Elsa Emeka Emil Emma Enzo Erik Esra Fatima Felix Fiona
Francesca Freya Gabriel Giulia Gustav Hana Hans Haruto Hassan Helga Hiro Hugo Ibrahim Igor Ines Ingrid Isabella Isla Jack Jamal Jan Javier
Jin Joana João Jonas Jorge José Juan Julia Kai Karim Katya Kavya Keiko Kenji Kofi Kwame Lakshmi Lars Laura Leila Leo Liam Lin Lina Ling
Lucas Lucia Luis Luna Maja Malik Manuel Marco Maria Marie Marta Martin Mateo Matteo Max Maya Mei Mia Miguel Mila Milan Mina Mohammed
Nadia Naomi Natasha Nia Nico Nikolai Nina Nisha Noah Noor Omar Oscar Pablo Paolo Pedro Petra Pierre Priya Rafael Rahul Raj Ravi Rita Rosa
Ruben Ruth Ryu Sam Samir Sandra Sara Sebastian Selim Sergei Simone Sofia Sonja Sophie Stefan Sunil Svetlana Tanya Tariq Teresa Theo Thomas
Tom Uma Valentina Vera Viktor Vikram Wei Wen Xin Yara Yuki Yusuf Zainab Zara Zhang Mike Mom Dad Jess Kate Ben Nick Tina Steve Lisa Paul
Anika Bart Cody Dwight Edith Flo Gus Hank Iris Jojo Kiki Lola Mimi Nate Opal Pip Quinn Rex Suki Tess Ugo Vince Wanda Xena Yves Ziggy
Zelda Bobby Bobbi Alicia Alina Danny Dani Johnny Timmy Vinnie Abuela Grandma Grandpa Uncle Auntie""".split()

SURNAMES = "Smith Jones Garcia Müller Rossi Kim Nguyen Singh Ivanov Silva Kowalski Haddad Okafor Tanaka Dubois Berg Novak Costa Chen Patel Weber Moreau".split()

ROLE_NAMES = ["mom", "dad", "gym", "landlady", "dog walker", "piano teacher", "coffee shop", "the bakery", "savings", "office", "band fund", "rent", "plumber", "book club"]

SYLLABLES = "ba ke mi no ru ta vel zor quin dax lo mar fen tri shu ya xel pon gra hel wix jor nim osk plu cas ond ere".split()

ENS_STEMS = "vault moon nomad ghost pixel treasury orbit lagoon ember willow tiger studio bakery garden atlas quartz comet otter".split()

STABLE = [("usdc", "USDC"), ("usdc", "USDC"), ("usdc", "USDC"), ("usdt", "USDT"), ("tether", "USDT"), ("dai", "DAI"), ("pyusd", "PYUSD"), ("gho", "GHO"), ("frax", "FRAX"), ("lusd", "LUSD"), ("usds", "USDS"), ("usd coin", "USDC")]

VOLATILE = [
    ("eth", "ETH"), ("eth", "ETH"), ("eth", "ETH"), ("ether", "ETH"), ("btc", "BTC"), ("bitcoin", "BTC"), ("wbtc", "WBTC"), ("link", "LINK"), ("uni", "UNI"),
    ("aave", "AAVE"), ("arb", "ARB"), ("pepe", "PEPE"), ("shib", "SHIB"), ("ldo", "LDO"), ("crv", "CRV"), ("mkr", "MKR"), ("steth", "STETH"), ("wsteth", "WSTETH"),
    ("reth", "RETH"), ("cbeth", "CBETH"), ("grt", "GRT"), ("snx", "SNX"), ("comp", "COMP"), ("matic", "MATIC"), ("pol", "POL"), ("imx", "IMX"), ("cbbtc", "CBBTC"),
    ("chainlink", "LINK"), ("weeth", "WEETH"), ("1inch", "1INCH"),
]  # fmt: skip

FOREIGN = [
    ("sol", "SOL"), ("solana", "SOL"), ("bnb", "BNB"), ("doge", "DOGE"), ("dogecoin", "DOGE"), ("xrp", "XRP"), ("ripple", "XRP"), ("cardano", "ADA"), ("avax", "AVAX"),
    ("trx", "TRX"), ("tron", "TRX"), ("ltc", "LTC"), ("litecoin", "LTC"), ("monero", "XMR"), ("xmr", "XMR"), ("okb", "OKB"), ("polkadot", "DOT"), ("SUI", "SUI"), ("HYPE", "HYPE"),
]  # fmt: skip

CHAINS = [
    ("base", "base"), ("base", "base"), ("arbitrum", "arbitrum"), ("arbitrum one", "arbitrum"), ("optimism", "optimism"), ("op mainnet", "optimism"), ("polygon", "polygon"),
    ("ethereum", "ethereum"), ("mainnet", "ethereum"), ("ethereum mainnet", "ethereum"), ("sepolia", "sepolia"), ("Base", "base"), ("Arbitrum", "arbitrum"), ("Optimism", "optimism"), ("Polygon", "polygon"),
]  # fmt: skip

PROTOCOLS = "uniswap uniswap 1inch opensea aave curve sushiswap balancer compound cowswap paraswap permit2 blur lido metamask pancakeswap stargate".split()

LENDERS = ["Maple", "Goldfinch", "Clearpool", "TrueFi", "Credix", "Harbor Lending", "Northwind", "Juniper Credit", "Bluebird", "Oak Capital"]

BANKS = [
    "Chase", "Wells Fargo", "Bank of America", "Citi", "Revolut", "N26", "Monzo", "Barclays", "HSBC", "Santander", "BBVA", "Deutsche Bank", "Sparkasse", "ING", "BNP Paribas",
    "Société Générale", "Nubank", "Itaú", "HDFC", "SBI", "ICICI", "Commerzbank", "UBS", "Wise", "Starling", "Capital One", "Ally", "Lloyds", "Rabobank", "UniCredit",
]  # fmt: skip

SHARES = [("half of", "50%"), ("half of", "50%"), ("50% of", "50%"), ("25% of", "25%"), ("10% of", "10%"), ("75% of", "75%"), ("ten percent of", "10%"), ("20 percent of", "20%"), ("a quarter of", "25%"), ("a quarter of", "25%"), ("30% of", "30%")]

PERIODS = [
    ("today", "today"), ("yesterday", "yesterday"), ("this week", "this_week"), ("last week", "last_week"), ("this month", "this_month"), ("last month", "last_month"), ("this year", "this_year"),
    ("in the last 7 days", "7d"), ("in the past week", "7d"), ("in the last 30 days", "30d"), ("over the past 30 days", "30d"), ("the last 7 days", "7d"), ("so far this month", "this_month"), ("in the past 7 days", "7d"),
    ("for last month", "last_month"), ("from yesterday", "yesterday"), ("for today", "today"), ("in 2026-03", "2026-03"), ("in march 2026", "2026-03"), ("since the start of the month", "this_month"),
]  # fmt: skip

RECURRENCES = [
    ("every day", "day"), ("daily", "day"), ("each day", "day"), ("every week", "week"), ("weekly", "week"), ("each week", "week"), ("every month", "month"), ("monthly", "month"), ("each month", "month"),
    ("every monday", "monday"), ("every tuesday", "tuesday"), ("every wednesday", "wednesday"), ("every thursday", "thursday"), ("every friday", "friday"), ("each friday", "friday"), ("every saturday", "saturday"), ("every sunday", "sunday"),
    ("on fridays", "friday"), ("on mondays", "monday"), ("every hour", "1h"), ("every 2 hours", "2h"), ("every 6 hours", "6h"), ("every 12h", "12h"), ("on the 1st of every month", "1st"), ("on the first of each month", "1st"),
    ("every month on the 15th", "15th"), ("on the 5th of every month", "5th"), ("once a week", "week"), ("once a month", "month"), ("once a day", "day"), ("every single day", "day"), ("cada semana", "week"), ("cada viernes", "friday"),
    ("cada mes", "month"), ("chaque semaine", "week"), ("chaque lundi", "monday"), ("tous les jours", "day"), ("jeden freitag", "friday"), ("jede woche", "week"), ("jeden monat", "month"), ("toda semana", "week"), ("har hafte", "week"),
]  # fmt: skip

CLOCKS = [("at 9am", "09:00"), ("at 9 am", "09:00"), ("at 18:30", "18:30"), ("at 8:15", "08:15"), ("at noon", "12:00"), ("at 7pm", "19:00"), ("at 5 pm", "17:00"), ("at 10:00", "10:00"), ("at midnight", "00:00"), ("at 6 in the morning", "06:00")]

PER = [("a day", "day"), ("per day", "day"), ("a day", "day"), ("a week", "week"), ("per week", "week"), ("a month", "month"), ("per month", "month"), ("in a day", "day"), ("in one week", "week"), ("in a month", "month")]

TASK_VERBS = "translating summarizing reviewing designing writing testing analyzing proofreading monitoring scraping editing tagging transcribing auditing researching".split()

TASK_OBJECTS = [
    "pdfs", "my essay", "legal contracts", "a logo", "product photos", "podcasts", "solidity code", "customer emails", "flight prices", "news articles", "old letters", "a business plan", "lecture notes", "tax documents",
    "recipes", "a website", "meeting recordings", "weather data", "spreadsheets", "sales leads", "job offers", "medical papers", "game levels", "a wedding speech", "blog posts", "my resume",
]  # fmt: skip

TASKS = [
    "image generation", "translation", "code review", "data entry", "summarization", "travel planning", "weather forecasts", "text to speech", "speech recognition", "market reports", "smart contract audits", "logo design",
    "german to english translation", "price comparison", "research", "video editing", "fact checking", "copywriting", "web scraping", "document ocr", "3d modelling", "music composition", "lead generation", "seo", "spell checking", "chess lessons",
]  # fmt: skip

AGENTS = ["TranslatorBot", "PixelSmith", "Summarix", "CodeOwl", "DataMole", "RouteScout", "AuditHawk", "InkWell", "WeatherWiz", "LexiAgent", "Botanist", "Scribe"]

QUOTES = [
    "hello world", "I own this wallet", "gm", "login to example.com", "I agree to the terms", "my vote is yes", "parlance test #", "nonce #", "proof of ownership #", "I am not a robot", "verify account #", "welcome to the club",
    "this is my address", "claim code #", "I accept", "the quick brown fox", "signed on behalf of nobody", "ticket #", "sign in to the forum", "one two three",
]  # fmt: skip

HOSTS = ["api.weather.dev", "paywall.example.com", "news.example.org", "data.shop.io", "x402.example.net", "research.papers.io", "maps.tiles.dev", "premium.report.co", "feeds.market.xyz", "localhost:4021"]

PATHS = ["/report", "/v1/forecast", "/articles/42", "/data.json", "/premium", "/api/search?q=rain", "/feed", "/p/9931", "", "/latest"]

# What may wait while somebody says something else entirely. Nines, so that they rarely meet the message's own placeholders.
PENDINGS = [
    "send asset={T9} amount={A9} to={N9}",
    "send asset={T9} amount={A9} to={N9}",
    "send asset={T9} amount={A9} to={N9}",
    "send asset={V9} amount={D9} to={N9}",
    "swap from={T9} to={T8} amount={A9}",
    "swap from={T9} to={T8} amount={A9}",
    "swap to={V9} amount={D9}",
    "bridge asset={T9} amount={A9} to_chain={C9}",
    "approve asset={T9} spender={G9} amount={A9}",
    "wrap amount={A9}",
    "rule effect=forbid action=any over={D9} per=day",
    "rule effect=ask action=send over={D9}",
    "schedule every=friday do=(send asset={T9} amount={A9} to={N9})",
    "pay url={U9} max={D9}",
    "loan_apply amount={A9} asset={S9}",
    "loan_draw amount={A9} asset={S9}",
    "prove_balance at_least=5000 lender={L9}",
    "unclear reason=incomplete missing=[to] partial=(send asset={T9} amount={A9})",
    "unclear reason=incomplete missing=[amount] partial=(send asset={T9} to={N9})",
    "unclear reason=incomplete missing=[address] partial=(contact_add name={n9})",
]
