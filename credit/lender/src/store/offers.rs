//! Offers by nonce.

use alloy_primitives::B256;
use parlance_credit::Offer;
use sqlx::Row;

use super::{Store, from_json, seconds, to_json};
use crate::LenderError;

impl Store {
    /// Keeps an offer.
    pub async fn add_offer(&self, offer: &Offer) -> Result<(), LenderError> {
        sqlx::query("INSERT INTO offers (nonce, offer, expiry) VALUES ($1, $2, $3)")
            .bind(offer.nonce.to_string())
            .bind(to_json("offer", offer)?)
            .bind(seconds(offer.expiry))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The offer with this nonce.
    pub async fn offer(&self, nonce: B256) -> Result<Option<Offer>, LenderError> {
        let row = sqlx::query("SELECT offer FROM offers WHERE nonce = $1").bind(nonce.to_string()).fetch_optional(&self.pool).await?;
        row.map(|row| from_json("offer", row.try_get::<String, _>("offer")?.as_str())).transpose()
    }
}
