//! One function an intent that becomes transactions.

use alloy_consensus::{SignableTransaction, TxEip1559, TxLegacy, TypedTransaction};
use alloy_primitives::{Address, Bytes, TxKind, U256};
use alloy_sol_types::{SolCall, sol};
use parlance_effects::{AssetKind, Registry, decode_transaction};
use parlance_grounding::{Intent, Recipients};

use super::{AmountContext, Moves, Plan, PlannedTx, Produced, Resolved, Source, gas, recipient, resolve_amount};
use crate::{
    Wallet,
    chain::{Call, ChainClient, Fees, Price},
    conversation::Party,
    error::{Result, WalletError},
    intents::allowances,
    store::{Purpose, Reservation},
    tokens::{Token, Trust, format_amount},
};

sol! {
    function transfer(address to, uint256 amount) returns (bool);
    function approve(address spender, uint256 amount) returns (bool);
    function deposit() payable;
    function withdraw(uint256 amount);
}

/// Make the plan of an intent that sends transactions. `previous` is what the step before gave.
///
/// # Errors
/// [`WalletError::Ask`] where something has to be asked; what reading the chain can fail with.
pub async fn plan(wallet: &Wallet, intent: &Intent, previous: Option<&Produced>) -> Result<Plan> {
    let (chain, of) = match intent {
        Intent::Send { chain, of, .. }
        | Intent::Wrap { chain, of, .. }
        | Intent::Unwrap { chain, of, .. }
        | Intent::Approve { chain, of, .. } => (chain.as_deref(), of.as_deref()),
        Intent::Revoke { chain, .. } => (chain.as_deref(), None),
        other => {
            return Err(WalletError::Ask {
                code: "not_a_transaction",
                message: format!("{} sends no transaction.", crate::intents::name(other)),
                remedy: "Say what should be paid, and to whom.".into(),
            });
        }
    };
    let client = wallet.client(chain)?;
    let planner =
        Planner { wallet, account: wallet.signer.account().await?, fees: client.fees().await?.normal, previous: of.and(previous), client };
    match intent {
        Intent::Send { asset, amount, to, split, .. } => planner.send(intent, asset, amount, to, *split).await,
        Intent::Wrap { amount, .. } => planner.wrap(intent, amount.as_deref()).await,
        Intent::Unwrap { amount, .. } => planner.unwrap(intent, amount.as_deref()).await,
        Intent::Approve { asset, spender, amount, .. } => planner.approve(intent, asset, spender, amount).await,
        Intent::Revoke { asset, spender, .. } => planner.revoke(intent, asset.as_deref(), spender.as_deref()).await,
        _ => Err(WalletError::Task("an intent without a plan".into())),
    }
}

/// The transaction that a recorded signing payload holds.
///
/// # Errors
/// [`WalletError::Task`] where it can't be read: it was written by this wallet.
pub fn decode_unsigned(account: Address, payload: &[u8]) -> Result<TypedTransaction> {
    decode_transaction(Registry::builtin_ref(), account, payload)
        .map(|decoded| decoded.parsed)
        .map_err(|e| WalletError::Task(format!("a recorded transaction can't be read: {e}")))
}

/// The EIP-2718 signing payload of a planned transaction under `reservation`'s nonce.
#[must_use]
pub fn unsigned(tx: &PlannedTx, reservation: &Reservation) -> Bytes {
    let (to, value, input) = (TxKind::Call(tx.to), tx.value, tx.data.clone());
    let (chain_id, nonce, gas_limit) = (reservation.chain, reservation.nonce, tx.gas_limit);
    match tx.fees {
        Fees::Eip1559 { max_fee_per_gas, max_priority_fee_per_gas } => TxEip1559 {
            chain_id,
            nonce,
            gas_limit,
            max_fee_per_gas,
            max_priority_fee_per_gas,
            to,
            value,
            access_list: alloy_eips::eip2930::AccessList::default(),
            input,
        }
        .encoded_for_signing()
        .into(),
        Fees::Legacy { gas_price } => {
            TxLegacy { chain_id: Some(chain_id), nonce, gas_price, gas_limit, to, value, input }.encoded_for_signing().into()
        }
    }
}

struct Planner<'a> {
    wallet: &'a Wallet,
    client: ChainClient,
    account: Address,
    fees: Fees,
    previous: Option<&'a Produced>,
}

impl Planner<'_> {
    async fn send(&self, intent: &Intent, asset: &str, amount: &str, to: &Recipients, split: bool) -> Result<Plan> {
        let token = self.token(asset).await?;
        let names: Vec<&str> = match to {
            Recipients::One(one) => vec![one],
            Recipients::Many(many) => many.iter().map(String::as_str).collect(),
        };
        let contacts = self.wallet.signer.contacts().await?;
        let mut recipients = Vec::with_capacity(names.len());
        for name in &names {
            let found = self.whom(name, &contacts).await?;
            if recipients.iter().any(|r: &Resolved| r.address == found.address) {
                return Err(WalletError::Ask {
                    code: "same_recipient",
                    message: format!("{name} is named twice, or two names have one address."),
                    remedy: "Name each recipient once.".into(),
                });
            }
            recipients.push(found);
        }
        let count = U256::from(recipients.len().max(1));
        // A probe with the smallest amount gives the gas of each, so that "max" can leave the fee behind.
        let mut limits = Vec::with_capacity(recipients.len());
        for r in &recipients {
            let (target, value, data) = transfer_call(&token, r.address, U256::from(1));
            limits.push(gas::estimate(&self.client, &Call::new(self.account, target).value(value).data(data)).await?);
        }
        let fee = self.ceiling(&token, limits.iter().sum()).await?;
        let balance = self.balance(&token).await?;
        let price = self.price(&token, amount).await?;
        let shared = split || amount == "max" || amount.ends_with('%');
        // Each one's amount: a total that is shared evenly, or the same for each as long as the balance carries all of them.
        let each = if shared {
            let context = AmountContext { token: &token, balance, fee, price: price.as_ref(), previous: self.previous };
            resolve_amount(amount, &context)? / count
        } else {
            let context =
                AmountContext { token: &token, balance: balance / count, fee: fee / count, price: price.as_ref(), previous: None };
            resolve_amount(amount, &context)
                .map_err(|e| if recipients.len() > 1 { for_each(e, recipients.len(), &token, balance) } else { e })?
        };
        if each.is_zero() {
            return Err(WalletError::Amount { got: amount.into(), why: format!("divided by {count} it is nothing") });
        }
        let mut plan = self.empty(intent);
        for (r, gas_limit) in recipients.iter().zip(limits) {
            let (target, value, data) = transfer_call(&token, r.address, each);
            plan.parties.push(party("to", r));
            plan.txs.push(self.tx(
                format!("Send {} to {}", format_amount(each, &token), shown(r)),
                Purpose::Send,
                Some(moves(&token, each, Some(r))),
                (target, value, data),
                gas_limit,
            ));
            if r.address.is_zero() || token.kind == AssetKind::Token(r.address) {
                plan.risks.push(format!("{} belongs to nobody who could send it back: what goes there is lost.", r.address));
                plan.hesitates = Some("That address belongs to nobody. Send it there all the same?".into());
            }
            if r.address == self.account {
                plan.risks.push("This sends to the account itself: it only costs the fee.".into());
            }
        }
        self.judge(&token, &mut plan);
        Ok(plan)
    }

    async fn wrap(&self, intent: &Intent, amount: Option<&str>) -> Result<Plan> {
        let native = self.wallet.native(&self.client);
        let wrapped = self.wrapped()?;
        let AssetKind::Token(contract) = wrapped.kind else {
            return Err(no_wrapped(&self.client));
        };
        let amount = amount.ok_or_else(|| missing("amount", &format!("How much {} do you want to wrap?", native.symbol)))?;
        let data: Bytes = depositCall {}.abi_encode().into();
        let gas_limit = gas::estimate(&self.client, &Call::new(self.account, contract).value(U256::from(1)).data(data.clone())).await?;
        let fee = self.ceiling(&native, gas_limit).await?;
        let amount = self.resolve(amount, &native, fee).await?;
        let mut plan = self.empty(intent);
        let mut moves = moves(&native, amount, None);
        moves.becomes = Some((wrapped.kind, wrapped.symbol.clone()));
        plan.parties.push(Party {
            role: "contract".into(),
            name: Some(wrapped.symbol.clone()),
            address: contract.to_checksum(None),
            source: Source::Registry.word().into(),
        });
        let sentence = format!("Wrap {} into {}", format_amount(amount, &native), wrapped.symbol);
        plan.txs.push(self.tx(sentence, Purpose::Wrap, Some(moves), (contract, amount, data), gas_limit));
        Ok(plan)
    }

    async fn unwrap(&self, intent: &Intent, amount: Option<&str>) -> Result<Plan> {
        let native = self.wallet.native(&self.client);
        let wrapped = self.wrapped()?;
        let AssetKind::Token(contract) = wrapped.kind else {
            return Err(no_wrapped(&self.client));
        };
        let amount = amount.ok_or_else(|| missing("amount", &format!("How much {} do you want to unwrap?", wrapped.symbol)))?;
        let amount = self.resolve(amount, &wrapped, U256::ZERO).await?;
        let data: Bytes = withdrawCall { amount }.abi_encode().into();
        let gas_limit = gas::estimate(&self.client, &Call::new(self.account, contract).data(data.clone())).await?;
        let mut plan = self.empty(intent);
        let mut moves = moves(&wrapped, amount, None);
        moves.becomes = Some((native.kind, native.symbol.clone()));
        plan.parties.push(Party {
            role: "contract".into(),
            name: Some(wrapped.symbol.clone()),
            address: contract.to_checksum(None),
            source: Source::Registry.word().into(),
        });
        let sentence = format!("Unwrap {} into {}", format_amount(amount, &wrapped), native.symbol);
        plan.txs.push(self.tx(sentence, Purpose::Unwrap, Some(moves), (contract, U256::ZERO, data), gas_limit));
        Ok(plan)
    }

    async fn approve(&self, intent: &Intent, asset: &str, spender: &str, amount: &str) -> Result<Plan> {
        let token = self.token(asset).await?;
        let AssetKind::Token(contract) = token.kind else {
            return Err(no_allowance(&token));
        };
        let spender = self.spender(spender).await?;
        let balance = self.balance(&token).await?;
        // An allowance may exceed the balance: only shares of it need one.
        let amount = if amount == "max" {
            U256::MAX
        } else if amount.ends_with('%') {
            self.resolve(amount, &token, U256::ZERO).await?
        } else {
            let price = self.price(&token, amount).await?;
            let context = AmountContext { token: &token, balance: U256::MAX, fee: U256::ZERO, price: price.as_ref(), previous: None };
            resolve_amount(amount, &context)?
        };
        let mut plan = self.empty(intent);
        plan.parties.push(party("spender", &spender));
        let what = if amount == U256::MAX { format!("all {}", token.symbol) } else { format_amount(amount, &token) };
        if amount == U256::MAX {
            plan.risks.push(format!("Without a limit: {} could take every {} you have or will ever have.", shown(&spender), token.symbol));
        } else if amount > balance {
            plan.risks.push(format!("That is more than the {} you have now.", format_amount(balance, &token)));
        }
        let now = self.client.allowance(contract, self.account, spender.address).await?;
        if !now.is_zero() {
            plan.risks.push(format!("It replaces an allowance of {} that {} has now.", format_amount(now, &token), shown(&spender)));
        }
        let data: Bytes = approveCall { spender: spender.address, amount }.abi_encode().into();
        let gas_limit = gas::estimate(&self.client, &Call::new(self.account, contract).data(data.clone())).await?;
        let sentence = format!("Let {} spend up to {what}", shown(&spender));
        plan.txs.push(self.tx(
            sentence,
            Purpose::Approve,
            Some(moves(&token, amount, Some(&spender))),
            (contract, U256::ZERO, data),
            gas_limit,
        ));
        self.judge(&token, &mut plan);
        Ok(plan)
    }

    /// Every open allowance that fits `asset` and `spender` goes to zero.
    async fn revoke(&self, intent: &Intent, asset: Option<&str>, spender: Option<&str>) -> Result<Plan> {
        let open = allowances::matching(self.wallet, &self.client, self.account, asset, spender).await?;
        let mut plan = self.empty(intent);
        for allowance in open {
            let (target, data) = allowances::revocation(&self.client, &allowance)?;
            let gas_limit = gas::estimate(&self.client, &Call::new(self.account, target).data(data.clone())).await?;
            let spender =
                Resolved { address: allowance.spender, name: Some(allowances::spender_words(&allowance)), source: Source::Registry };
            plan.parties.push(party("spender", &spender));
            plan.txs.push(self.tx(
                format!("Take back from {} the right to spend {}", shown(&spender), allowance.token.symbol),
                Purpose::Revoke,
                Some(moves(&allowance.token, U256::ZERO, Some(&spender))),
                (target, U256::ZERO, data),
                gas_limit,
            ));
        }
        Ok(plan)
    }

    fn empty(&self, intent: &Intent) -> Plan {
        Plan {
            intent: intent.clone(),
            chain: self.client.chain().id,
            account: self.account,
            txs: Vec::new(),
            parties: Vec::new(),
            risks: Vec::new(),
            hesitates: None,
        }
    }

    fn tx(&self, sentence: String, purpose: Purpose, moves: Option<Moves>, call: (Address, U256, Bytes), gas_limit: u64) -> PlannedTx {
        let (to, value, data) = call;
        PlannedTx { sentence, purpose, moves, to, value, data, gas_limit, fees: self.fees, replaces: None, follows: false }
    }

    async fn token(&self, symbol: &str) -> Result<Token> {
        self.wallet.token(&self.client, symbol).await
    }

    async fn whom(&self, who: &str, contacts: &[parlance_signer_protocol::Contact]) -> Result<Resolved> {
        recipient::resolve(who, contacts, &self.client).await
    }

    /// A spender: a known contract by name, a contact, ENS name or address.
    async fn spender(&self, who: &str) -> Result<Resolved> {
        if let Some((address, name)) = self.wallet.known_contracts(self.client.chain().id, who).into_iter().next() {
            return Ok(Resolved { address, name: Some(name), source: Source::Registry });
        }
        let contacts = self.wallet.signer.contacts().await?;
        self.whom(who, &contacts).await
    }

    fn wrapped(&self) -> Result<Token> {
        self.wallet.tokens.wrapped_native(self.client.chain().id).ok_or_else(|| no_wrapped(&self.client))
    }

    async fn balance(&self, token: &Token) -> Result<U256> {
        match token.kind {
            AssetKind::Native => self.client.balance(self.account).await,
            AssetKind::Token(contract) => self.client.token_balance(contract, self.account).await,
        }
    }

    /// Only where the amount is in dollars.
    async fn price(&self, token: &Token, amount: &str) -> Result<Option<Price>> {
        Ok(if amount.starts_with('$') { Some(self.wallet.prices.of(&self.client, token).await?) } else { None })
    }

    async fn resolve(&self, amount: &str, token: &Token, fee: U256) -> Result<U256> {
        let price = self.price(token, amount).await?;
        let balance = self.balance(token).await?;
        resolve_amount(amount, &AmountContext { token, balance, fee, price: price.as_ref(), previous: self.previous })
    }

    /// What has to stay behind for fees where `token` is the coin that pays them.
    async fn ceiling(&self, token: &Token, gas_limit: u64) -> Result<U256> {
        if token.kind != AssetKind::Native {
            return Ok(U256::ZERO);
        }
        let data_fee = self.client.l1_data_fee(&[0xff; 120]).await?.unwrap_or(U256::ZERO);
        // The data fee has no ceiling; twice today's is left for it.
        Ok(self.fees.ceiling(gas_limit).saturating_add(data_fee.saturating_mul(U256::from(2))))
    }

    fn judge(&self, token: &Token, plan: &mut Plan) {
        if token.trust == Trust::Unknown {
            plan.risks.push(format!("{} is a token that this wallet does not know; the signer can't read what it does.", token.symbol));
        }
    }
}

fn transfer_call(token: &Token, to: Address, amount: U256) -> (Address, U256, Bytes) {
    match token.kind {
        AssetKind::Native => (to, amount, Bytes::new()),
        AssetKind::Token(contract) => (contract, U256::ZERO, transferCall { to, amount }.abi_encode().into()),
    }
}

fn moves(token: &Token, amount: U256, with: Option<&Resolved>) -> Moves {
    Moves {
        asset: token.kind,
        symbol: token.symbol.clone(),
        decimals: token.decimals,
        amount,
        counterparty: with.map(|r| r.address),
        name: with.and_then(|r| r.name.clone()),
        becomes: None,
    }
}

fn party(role: &str, r: &Resolved) -> Party {
    Party { role: role.into(), name: r.name.clone(), address: r.address.to_checksum(None), source: r.source.word().into() }
}

fn shown(r: &Resolved) -> String {
    match &r.name {
        Some(name) => name.clone(),
        None => r.address.to_checksum(None),
    }
}

fn missing(field: &'static str, question: &str) -> WalletError {
    WalletError::Ask { code: "missing", message: question.into(), remedy: format!("Say the {field}, or \"cancel\".") }
}

fn for_each(e: WalletError, count: usize, token: &Token, balance: U256) -> WalletError {
    match e {
        WalletError::Ask { code: "insufficient_balance", remedy, .. } => WalletError::Ask {
            code: "insufficient_balance",
            message: format!("This account has {}; that is not enough for {count} payments and their fees.", format_amount(balance, token)),
            remedy,
        },
        other => other,
    }
}

fn no_wrapped(client: &ChainClient) -> WalletError {
    WalletError::Ask {
        code: "no_wrapped",
        message: format!("No wrapped coin is known on {}.", client.chain().title),
        remedy: "Switch to a network that has one, for example Ethereum.".into(),
    }
}

fn no_allowance(token: &Token) -> WalletError {
    WalletError::Ask {
        code: "no_allowance",
        message: format!("{} is the network's own coin: nobody can be allowed to take it.", token.symbol),
        remedy: "Name a token, for example WETH.".into(),
    }
}
