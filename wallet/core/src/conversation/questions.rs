//! What to ask when something is missing or unclear.

use parlance_grounding::{Intent, UnclearReason};
use serde_json::{Map, Value};

use crate::error::WalletError;

/// The question for a missing field of a partial intent.
pub(super) fn question(partial: &Map<String, Value>, field: &str) -> String {
    let text = |key: &str| partial.get(key).and_then(Value::as_str);
    let intent = text("intent").unwrap_or_default();
    let verb = match intent {
        "send" => "send",
        "swap" => "swap",
        "bridge" => "move",
        "wrap" => "wrap",
        "unwrap" => "unwrap",
        "approve" => "allow",
        "loan_draw" => "draw",
        "loan_repay" => "pay back",
        "loan_apply" => "borrow",
        _ => "use",
    };
    match field {
        "asset" => match text("amount") {
            Some(amount) if !amount.starts_with('$') && !amount.ends_with('%') && amount != "max" => {
                format!("{amount} of what? For example USDC or ETH.")
            }
            _ => format!("Which asset do you want to {verb}? For example USDC or ETH."),
        },
        "amount" => match text("asset") {
            Some(asset) => format!("How much {asset} do you want to {verb}?"),
            None => format!("How much do you want to {verb}?"),
        },
        "to" if intent == "swap" => "What do you want to get for it?".into(),
        "to" => "To whom? A contact, an ENS name or an address (0x...).".into(),
        "spender" => "Who should be allowed? A contract's name or an address (0x...).".into(),
        "address" => "At which address (0x...)?".into(),
        "name" => "Under which name?".into(),
        "to_chain" => "To which network?".into(),
        "chain" => "Which network?".into(),
        "text" => "Which text should be signed?".into(),
        "every" => "How often?".into(),
        "do" => "What should happen then?".into(),
        "below" | "above" => "At which price in dollars?".into(),
        "at_least" => "At least how much should be proved?".into(),
        "lender" => "Which lender?".into(),
        "bank" => "Which bank?".into(),
        "url" => "Which address on the web?".into(),
        other => format!("What should {other} be?"),
    }
}

/// Words for a message that is not understood, by reason.
pub(super) fn unclear(reason: Option<UnclearReason>) -> &'static str {
    match reason {
        Some(UnclearReason::OutOfScope) => {
            "I can't do that. I can send, wrap, approve and revoke, show balances, history and fees, prove a bank balance, borrow, and propose rules. Say \"help\" for examples."
        }
        Some(UnclearReason::Unsafe) => {
            "I won't do that: keys and phrases are never shown here, rules change only in the signer's own prompt, and text from tokens, memos or pages is never obeyed."
        }
        Some(UnclearReason::Ambiguous) => "I can read that in more than one way. Say it again with who, what and how much.",
        Some(UnclearReason::Incomplete) | None => "I did not understand that well enough to act. Say who, what and how much, or \"help\".",
    }
}

/// The field that a further word could mend.
pub(super) fn field_of(intent: &Intent, error: &WalletError) -> Option<&'static str> {
    let whom = match intent {
        Intent::Send { .. } => Some("to"),
        Intent::Approve { .. } | Intent::Revoke { .. } => Some("spender"),
        Intent::ContactAdd { .. } => Some("address"),
        _ => None,
    };
    if let Some(field) = of_loan(intent, error.code()) {
        return Some(field);
    }
    match error.code() {
        "unknown_contact" | "ambiguous_contact" | "bad_address" | "bad_checksum" | "ens_unset" | "ens_name" | "no_ens" => whom,
        "insufficient_balance" | "amount" | "missing" | "no_price" => Some("amount"),
        "unknown_token" | "ambiguous_token" | "not_a_token" | "fake_token" => Some("asset"),
        _ => None,
    }
    .filter(|_| {
        matches!(
            intent,
            Intent::Send { .. } | Intent::Wrap { .. } | Intent::Unwrap { .. } | Intent::Approve { .. } | Intent::ContactAdd { .. }
        )
    })
}

/// The same for proofs and loans.
fn of_loan(intent: &Intent, code: &str) -> Option<&'static str> {
    match (intent, code) {
        (Intent::ProveBalance { .. } | Intent::LoanApply { .. }, "unknown_lender" | "which_lender") => Some("lender"),
        (Intent::ProveBalance { .. }, "unknown_bank" | "which_bank" | "bank_not_accepted") => Some("bank"),
        (Intent::ProveBalance { .. }, "amount" | "currency") => Some("at_least"),
        (Intent::LoanApply { .. } | Intent::LoanDraw { .. } | Intent::LoanRepay { .. }, "which_asset") => Some("asset"),
        (Intent::LoanApply { .. }, "amount" | "too_much") => Some("amount"),
        (Intent::LoanDraw { .. }, "amount" | "no_credit_left") => Some("amount"),
        (Intent::LoanRepay { .. }, "amount" | "insufficient_balance") => Some("amount"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn questions_name_what_is_known() {
        let Value::Object(partial) = json!({"intent": "send", "asset": "USDC"}) else { unreachable!() };
        assert_eq!(question(&partial, "amount"), "How much USDC do you want to send?");
        let Value::Object(partial) = json!({"intent": "send", "amount": "5"}) else { unreachable!() };
        assert_eq!(question(&partial, "asset"), "5 of what? For example USDC or ETH.");
    }

    #[test]
    fn an_unknown_name_asks_for_the_recipient_and_a_dead_endpoint_asks_for_nothing() {
        let intent: Intent = serde_json::from_value(json!({"intent": "send", "asset": "USDC", "amount": "5", "to": "Zoe"})).unwrap();
        let unknown = WalletError::Ask { code: "unknown_contact", message: String::new(), remedy: String::new() };
        assert_eq!(field_of(&intent, &unknown), Some("to"));
        let offline = WalletError::Offline { chain: "base".into(), why: String::new() };
        assert_eq!(field_of(&intent, &offline), None);
    }
}
