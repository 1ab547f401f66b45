//! Which model the owner chose, and how it is run: the file `in-use` beside the models.

use std::fs;

use serde::{Deserialize, Serialize};

use crate::{Layers, ModelsError, Store};

/// What the owner chose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choice {
    /// Name of a model in the store; the shipped one where there is none.
    pub model: Option<String>,
    /// Layers on the graphics card.
    pub gpu_layers: Layers,
}

impl Store {
    /// The owner's choice; the shipped model where none was made, or what was written down can't be read.
    #[must_use]
    pub fn choice(&self) -> Choice {
        let read = |text: String| {
            serde_json::from_str(&text).inspect_err(|error| tracing::warn!(%error, "the choice of a model can't be read")).ok()
        };
        fs::read_to_string(self.folder().join("in-use")).ok().and_then(read).unwrap_or_default()
    }

    /// Writes the choice down.
    ///
    /// # Errors
    /// [`ModelsError::Unknown`], [`ModelsError::File`].
    pub fn choose(&self, choice: &Choice) -> Result<(), ModelsError> {
        if let Some(name) = &choice.model {
            self.find(name)?;
        }
        self.make_folder()?;
        self.write_whole(&self.folder().join("in-use"), choice)
    }
}
