//! How the person wants things shown.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use specta::Type;

use crate::{Wallet, error::Result, store::Store};

const SETTING: &str = "preferences";
/// Currencies that there may be a feed for, beside the dollar.
const CURRENCIES: [&str; 12] = ["EUR", "GBP", "JPY", "CNY", "CHF", "CAD", "AUD", "KRW", "INR", "BRL", "SGD", "MXN"];

/// How the person wants things shown. What can't be read any more is as at first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct Preferences {
    /// Light or dark.
    pub theme: Theme,
    /// Language of the pages.
    pub language: LanguageChoice,
    /// Percent of the normal text size, 80 to 200.
    pub text_size: u32,
    /// ISO 4217; dollars where the chain has no feed for it.
    pub currency: String,
    /// Tell of receipts while the window is not looked at.
    pub notifications: bool,
    /// Go on in the tray when the window is closed.
    pub tray: bool,
    /// Nothing moves that need not.
    pub reduced_motion: bool,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Theme {
    System,
    Light,
    Dark,
}

/// Language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum LanguageChoice {
    System,
    En,
    Es,
    Zh,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            language: LanguageChoice::System,
            text_size: 100,
            currency: "USD".into(),
            notifications: true,
            tray: false,
            reduced_motion: false,
        }
    }
}

/// A currency that worth can be shown in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct CurrencyRow {
    /// ISO 4217.
    pub code: String,
    /// How much of it one dollar is.
    pub per_usd: f64,
    /// When the rate was set, Unix seconds.
    pub at: Option<u64>,
    /// What to know about it.
    pub note: Option<String>,
}

/// As stored, or as at first.
///
/// # Errors
/// Store errors.
pub fn preferences(store: &Store) -> Result<Preferences> {
    let stored: Option<Value> = store.setting(SETTING)?;
    Ok(stored.as_ref().and_then(Value::as_object).map(Preferences::of_stored).unwrap_or_default())
}

/// Store them; gives back what holds now.
///
/// # Errors
/// Store errors.
pub fn set_preferences(store: &Store, wanted: Preferences) -> Result<Preferences> {
    let wanted = wanted.bounded();
    store.set(SETTING, &wanted)?;
    Ok(wanted)
}

impl Preferences {
    /// A value of another release costs that one choice, not all of them, and never keeps the window from opening.
    fn of_stored(stored: &Map<String, Value>) -> Self {
        let mut held = Map::new();
        for (name, value) in stored {
            let alone = Map::from_iter([(name.clone(), value.clone())]);
            if serde_json::from_value::<Self>(alone.into()).is_ok() {
                held.insert(name.clone(), value.clone());
            }
        }
        serde_json::from_value::<Self>(held.into()).unwrap_or_default().bounded()
    }

    fn bounded(mut self) -> Self {
        self.text_size = self.text_size.clamp(80, 200);
        if self.currency.len() != 3 || !self.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            self.currency = "USD".into();
        }
        self
    }
}

/// The dollar, and what the current chain has a feed for.
///
/// # Errors
/// [`crate::WalletError::UnknownChain`].
pub async fn currencies(wallet: &Wallet) -> Result<Vec<CurrencyRow>> {
    let client = wallet.client(None)?;
    let mut rows = vec![CurrencyRow { code: "USD".into(), per_usd: 1.0, at: None, note: None }];
    for code in CURRENCIES {
        let Some(feed) = client.chain().feed(code).cloned() else {
            continue;
        };
        match wallet.prices.feed(&client, &feed).await {
            Ok(price) if price.usd.micro() > 0 => rows.push(CurrencyRow {
                code: code.into(),
                per_usd: 1e6 / price.usd.micro() as f64,
                at: Some(price.at),
                note: price.caveat(),
            }),
            Ok(_) => {}
            // A feed that does not answer is a currency that can't be chosen now.
            Err(e) => tracing::debug!("the rate of {code}: {e}"),
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_comes_back_and_what_makes_no_sense_is_bounded() {
        let store = Store::in_memory().expect("a store");
        assert_eq!(preferences(&store).expect("read"), Preferences::default());
        let wild = Preferences { text_size: 900, currency: "dollars".into(), theme: Theme::Dark, ..Preferences::default() };
        let held = set_preferences(&store, wild).expect("set");
        assert_eq!((held.text_size, held.currency.as_str(), held.theme), (200, "USD", Theme::Dark));
        assert_eq!(preferences(&store).expect("read"), held);
        store.set(SETTING, &serde_json::json!({"theme": "plaid", "text_size": -1, "tray": true, "hologram": 3})).expect("set");
        assert_eq!(preferences(&store).expect("read"), Preferences { tray: true, ..Preferences::default() });
    }
}
