//! Which languages a message may be in: enough to know how it writes numbers.

use crate::text::{Shape, Word};

/// The languages whose words occur.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Languages {
    /// Spanish.
    pub spanish: bool,
    /// French.
    pub french: bool,
    /// German.
    pub german: bool,
    /// Portuguese.
    pub portuguese: bool,
    /// Hindi in Latin letters, mixed with English.
    pub hinglish: bool,
    /// Chinese.
    pub chinese: bool,
}

const SPANISH: &[&str] = &[
    "envía",
    "envia",
    "enviar",
    "envíale",
    "enviale",
    "mándale",
    "mandale",
    "manda",
    "mandar",
    "mi",
    "mis",
    "cuánto",
    "cuanto",
    "qué",
    "cada",
    "los",
    "las",
    "el",
    "cambia",
    "cambiar",
    "compra",
    "comprar",
    "vende",
    "vender",
    "dólares",
    "dolares",
    "por",
    "favor",
    "una",
    "saldo",
    "quiero",
    "puedes",
    "transfiere",
    "pasa",
    "paga",
    "dale",
    "y",
    "hoy",
    "ayer",
    "porfa",
    "del",
    "muéstrame",
    "gasté",
];
const FRENCH: &[&str] = &[
    "envoie",
    "envoyer",
    "envoyez",
    "mon",
    "mes",
    "ma",
    "les",
    "des",
    "du",
    "combien",
    "chaque",
    "achète",
    "acheter",
    "vends",
    "vendre",
    "échange",
    "échanger",
    "pour",
    "stp",
    "une",
    "je",
    "veux",
    "moi",
    "et",
    "tous",
    "aux",
    "à",
    "transfère",
    "paie",
    "montre",
    "semaine",
    "dernière",
    "vers",
    "chez",
];
const GERMAN: &[&str] = &[
    "schick",
    "schicke",
    "schicken",
    "sende",
    "senden",
    "überweise",
    "überweisen",
    "mein",
    "meine",
    "meinen",
    "meiner",
    "wie",
    "viel",
    "jeden",
    "jede",
    "kaufe",
    "kauf",
    "verkaufe",
    "verkauf",
    "tausche",
    "tausch",
    "für",
    "bitte",
    "ich",
    "und",
    "der",
    "den",
    "dem",
    "auf",
    "mir",
    "zeig",
    "letzte",
    "woche",
    "zu",
    "nach",
    "von",
    "ist",
    "nicht",
    "ein",
    "eine",
    "einen",
];
const PORTUGUESE: &[&str] = &[
    "envie",
    "enviar",
    "manda",
    "mande",
    "mandar",
    "meu",
    "meus",
    "minha",
    "minhas",
    "quanto",
    "cada",
    "compre",
    "comprar",
    "venda",
    "vender",
    "troca",
    "troque",
    "trocar",
    "para",
    "por",
    "favor",
    "dólares",
    "pra",
    "os",
    "não",
    "uma",
    "você",
    "saldo",
    "toda",
    "pague",
    "transfira",
    "semana",
    "gastei",
    "pra",
];
const HINGLISH: &[&str] = &[
    "bhej", "bhejo", "bhejna", "bhejdo", "bhejde", "ko", "kar", "karo", "karna", "kardo", "karde", "mera", "meri", "mere", "mujhe",
    "kitna", "kitne", "kitni", "hai", "hain", "har", "ka", "ki", "ke", "wala", "yaar", "bhai", "dikhao", "dedo", "mein", "paise", "kharid",
    "kharido", "becho", "bech", "se", "nahi", "aur", "chahiye", "badal", "badlo",
];

impl Languages {
    /// Counts telling words: two of one language, or one in a short message, are enough.
    pub fn of(words: &[Word]) -> Languages {
        let letters = words.iter().filter(|w| w.shape == Shape::Letters).count();
        let enough = if letters <= 6 { 1 } else { 2 };
        let count = |list: &[&str]| words.iter().filter(|w| w.any(list)).count();
        let says = |list: &[&str]| count(list) >= enough;
        Languages {
            spanish: says(SPANISH),
            french: says(FRENCH),
            german: says(GERMAN),
            portuguese: says(PORTUGUESE),
            hinglish: count(HINGLISH) >= 2 || letters <= 4 && count(HINGLISH) >= 1,
            chinese: words.iter().any(|w| w.shape == Shape::Han),
        }
    }

    /// Whether any but English is heard.
    pub fn other(self) -> bool {
        self != Languages::default()
    }

    /// Whether `0,5` is the way to write one half, so that `1.000` may be a thousand.
    pub fn comma_decimal(self) -> bool {
        self.spanish || self.french || self.german || self.portuguese
    }
}
