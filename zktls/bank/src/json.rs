//! Answers as JSON.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::{Account, Amounts, BankError, Config, Layout};

#[derive(Serialize)]
struct AccountView<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    nickname: &'a str,
    id: String,
    r#type: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    transactions: Vec<TransactionView<'a>>,
    balance: Money<'a>,
}

#[derive(Serialize)]
struct TransactionView<'a> {
    memo: &'a str,
    // A decoy: the same key one level deeper.
    balance: Money<'a>,
}

#[derive(Serialize)]
struct Money<'a> {
    amount: Box<RawValue>,
    currency: &'a str,
}

#[derive(Serialize)]
struct ErrorView<'a> {
    error: &'a str,
}

/// One account.
pub(crate) fn account(account: &Account, config: &Config) -> Result<String, BankError> {
    write(&view(account, config)?, config.layout)
}

/// A list of accounts.
pub(crate) fn accounts(accounts: &[Account], config: &Config) -> Result<String, BankError> {
    let views: Vec<_> = accounts.iter().map(|account| view(account, config)).collect::<Result<_, _>>()?;
    write(&views, config.layout)
}

/// An account's transactions.
pub(crate) fn transactions(account: &Account, config: &Config) -> Result<String, BankError> {
    let views: Vec<_> = account.transactions.iter().map(|each| transaction(each, account, config)).collect::<Result<_, _>>()?;
    write(&views, config.layout)
}

/// Why there is no answer.
pub(crate) fn error(error: &str, config: &Config) -> Result<String, BankError> {
    write(&ErrorView { error }, config.layout)
}

fn view<'a>(account: &'a Account, config: &Config) -> Result<AccountView<'a>, BankError> {
    let shown = account.transactions.iter().take(config.transactions);
    Ok(AccountView {
        nickname: &account.nickname,
        id: account.id.to_string(),
        r#type: &account.kind,
        transactions: shown.map(|each| transaction(each, account, config)).collect::<Result<_, _>>()?,
        balance: money(account.balance, account, config.amounts)?,
    })
}

fn transaction<'a>(transaction: &'a crate::Transaction, account: &'a Account, config: &Config) -> Result<TransactionView<'a>, BankError> {
    Ok(TransactionView { memo: &transaction.memo, balance: money(transaction.amount, account, config.amounts)? })
}

fn money(minor: i64, account: &Account, amounts: Amounts) -> Result<Money<'_>, BankError> {
    let number = match amounts {
        Amounts::Minor | Amounts::MinorNumber => minor.to_string(),
        Amounts::Decimal | Amounts::DecimalNumber => decimal(minor, account.scale.into()),
    };
    let text = match amounts {
        Amounts::Decimal | Amounts::Minor => format!("\"{number}\""),
        Amounts::DecimalNumber | Amounts::MinorNumber => number,
    };
    Ok(Money { amount: RawValue::from_string(text)?, currency: &account.currency })
}

fn decimal(minor: i64, scale: usize) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = scale + 1);
    match digits.split_at(digits.len() - scale) {
        (whole, "") => format!("{sign}{whole}"),
        (whole, part) => format!("{sign}{whole}.{part}"),
    }
}

fn write(value: &impl Serialize, layout: Layout) -> Result<String, BankError> {
    Ok(match layout {
        Layout::Minified => serde_json::to_string(value)?,
        Layout::Pretty => serde_json::to_string_pretty(value)?,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn decimals_have_all_their_digits() {
        for (minor, scale, text) in [(0, 2, "0.00"), (5, 2, "0.05"), (-5, 2, "-0.05"), (123_456, 2, "1234.56"), (98_000, 0, "98000")] {
            assert_eq!(super::decimal(minor, scale), text);
        }
        assert_eq!(super::decimal(i64::MIN, 2), "-92233720368547758.08");
    }
}
