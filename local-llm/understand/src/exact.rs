//! Single words that need no model: yes, no, help, lock.

use parlance_grounding::{Intent, Message};

const CONFIRM: &[&str] = &[
    "y",
    "yes",
    "yep",
    "yeah",
    "yup",
    "ok",
    "okay",
    "sure",
    "confirm",
    "confirmed",
    "go ahead",
    "do it",
    "yes please",
    "correct",
    "proceed",
    "sí",
    "si",
    "dale",
    "oui",
    "ja",
    "sim",
    "haan",
    "ha",
    "theek hai",
    "是",
    "好",
    "好的",
    "确认",
    "confirmar",
    "bestätigen",
    "vale",
    "d'accord",
    "claro",
    "send it",
    "looks good",
    "lgtm",
    "approve",
];
const CANCEL: &[&str] = &[
    "n",
    "no",
    "nope",
    "nah",
    "cancel",
    "stop",
    "abort",
    "never mind",
    "nevermind",
    "forget it",
    "no thanks",
    "don't",
    "cancelar",
    "cancela",
    "annuler",
    "annule",
    "non",
    "nein",
    "abbrechen",
    "não",
    "nahi",
    "不",
    "不要",
    "取消",
    "no gracias",
];
const HELP: &[&str] = &["help", "?", "what can you do", "ayuda", "aide", "hilfe", "ajuda", "madad", "帮助"];
const LOCK: &[&str] = &[
    "lock",
    "lock it",
    "lock up",
    "lock now",
    "lock the wallet",
    "lock my wallet",
    "bloquear",
    "bloquea",
    "sperren",
    "verrouiller",
    "锁定",
];

/// The intent of a message that is one of a few fixed words; yes and no only where something waits for an answer.
pub(crate) fn exact(message: &Message) -> Option<Intent> {
    let text = message.text.trim().trim_end_matches(['.', '!', ' ', '。', '！']).to_lowercase();
    let is = |list: &[&str]| list.contains(&text.as_str());
    if is(HELP) {
        return Some(Intent::Help { topic: None });
    }
    if is(LOCK) {
        return Some(Intent::Lock {});
    }
    // A question about a missing field is not answered by yes.
    let waits = message.pending.as_ref().and_then(|p| p.get("intent")).and_then(|i| i.as_str()).is_some_and(|i| i != "unclear");
    if is(CONFIRM) && waits {
        return Some(Intent::Confirm {});
    }
    (is(CANCEL) && message.pending.is_some()).then_some(Intent::Cancel {})
}
