//! Whether the system prefers light or dark: asked of the desktop portal, which GNOME, KDE and others serve.

use std::{sync::mpsc::channel, time::Duration};

use eframe::egui::Theme;
use zbus::zvariant::{OwnedValue, Value};

/// A desktop that takes longer has no preference.
const PATIENCE: Duration = Duration::from_millis(400);

/// `None` where nothing says so.
pub fn system() -> Option<Theme> {
    let (to_owner, said) = channel();
    let asking = std::thread::Builder::new().name("preference".into()).spawn(move || {
        // The owner may have gone on without it.
        let _told = to_owner.send(ask());
    });
    asking.ok()?;
    said.recv_timeout(PATIENCE).ok()?
}

fn ask() -> Option<Theme> {
    let bus = zbus::blocking::Connection::session().ok()?;
    let reply = bus.call_method(
        Some("org.freedesktop.portal.Desktop"),
        "/org/freedesktop/portal/desktop",
        Some("org.freedesktop.portal.Settings"),
        "Read",
        &("org.freedesktop.appearance", "color-scheme"),
    );
    let value: OwnedValue = reply.ok()?.body().deserialize().ok()?;
    scheme(&value)
}

/// 1 is dark, 2 is light, in a value within a value.
fn scheme(value: &Value<'_>) -> Option<Theme> {
    match value {
        Value::Value(inner) => scheme(inner),
        Value::U32(1) => Some(Theme::Dark),
        Value::U32(2) => Some(Theme::Light),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_portals_numbers_are_understood_and_nothing_else() {
        let wrapped = |n: u32| Value::Value(Box::new(Value::U32(n)));
        assert_eq!(scheme(&wrapped(1)), Some(Theme::Dark));
        assert_eq!(scheme(&Value::U32(2)), Some(Theme::Light));
        assert_eq!(scheme(&wrapped(0)), None);
        assert_eq!(scheme(&Value::from("dark")), None);
    }
}
