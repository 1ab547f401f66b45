//! Customers, their tokens and accounts.

use std::fmt;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::BankError;

/// All customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Book {
    /// In no order.
    pub customers: Vec<Customer>,
}

/// One customer: whoever holds the token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// The bearer token.
    pub token: String,
    /// In the order in which they are listed.
    pub accounts: Vec<Account>,
}

/// One account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Random.
    pub id: Uuid,
    /// `current-account`, `savings-account`, ...
    pub kind: String,
    /// Chosen by the customer: any text.
    #[serde(default)]
    pub nickname: String,
    /// Three letters.
    pub currency: String,
    /// Digits after the point: 2 for EUR, 0 for JPY.
    pub scale: u8,
    /// In minor units; negative when overdrawn.
    pub balance: i64,
    /// Newest first.
    #[serde(default)]
    pub transactions: Vec<Transaction>,
}

/// Money that came or went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transaction {
    /// In minor units.
    pub amount: i64,
    /// Chosen by whoever paid: any text.
    pub memo: String,
}

impl Book {
    /// The customers of the demo, some with hostile memos.
    pub fn demo() -> Result<Self, BankError> {
        Self::read(include_str!("../demo.json"))
    }

    /// From JSON.
    pub fn read(json: &str) -> Result<Self, BankError> {
        Ok(serde_json::from_str(json)?)
    }

    pub(crate) fn customer(&self, token: &str) -> Option<&Customer> {
        self.customers.iter().find(|customer| customer.token.as_bytes().ct_eq(token.as_bytes()).into())
    }
}

impl Customer {
    pub(crate) fn account(&self, id: &str) -> Option<&Account> {
        // Only the usual spelling: hyphens and lower case.
        self.accounts.iter().find(|account| account.id.as_hyphenated().to_string() == id)
    }
}

// The token is a password.
impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Customer").field("accounts", &self.accounts).finish_non_exhaustive()
    }
}
