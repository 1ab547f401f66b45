//! A session bus of its own, on which nothing starts by itself but what lets a screen reader hear windows: no keyring that
//! would ask to be unlocked.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Stdio},
};

use zbus::{
    blocking::{Connection, connection::Builder},
    zvariant::{OwnedObjectPath, OwnedValue, Value},
};

use super::processes::{self, Process};
use crate::screen::Screen;

const SERVICE: &str = "/usr/share/dbus-1/services/org.a11y.Bus.service";
const ROOT: (&str, &str) = ("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root");

/// The bus, and the one on which windows describe themselves.
pub struct Bus {
    daemon: Child,
    address: String,
    /// Started by the bus, but not its child.
    launcher: u32,
    heard: Option<Connection>,
}

/// Something in a window, as a screen reader hears it.
#[derive(Clone, Debug)]
pub struct Heard {
    /// What it is.
    pub role: Role,
    /// Its name, or its words.
    pub name: String,
    /// True where it can be used.
    pub enabled: bool,
    /// True where it has the keyboard.
    pub focused: bool,
    /// Left, top, width and height on the screen.
    pub place: (i32, i32, i32, i32),
}

/// What something in a window is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A window.
    Window,
    /// Words.
    Label,
    /// A heading.
    Heading,
    /// A button.
    Button,
    /// One of several.
    RadioButton,
    /// A field for a secret.
    PasswordField,
    /// A field.
    TextField,
    /// Anything else, by its number.
    Other(u32),
}

impl Bus {
    /// Start it.
    ///
    /// # Panics
    /// Where dbus or at-spi2-core is not installed.
    pub fn start(screen: &Screen, home: &Path) -> Self {
        let services = home.join("services");
        std::fs::create_dir(&services).expect("mkdir");
        std::fs::copy(SERVICE, services.join("org.a11y.Bus.service")).expect("at-spi2-core is installed");
        let config = home.join("bus.conf");
        std::fs::write(&config, configuration(home)).expect("written");
        let mut command = screen.command("dbus-daemon");
        command.args(["--nofork", "--print-address=1"]).arg(format!("--config-file={}", config.display()));
        // Whether somebody listens is kept for this bus only.
        command.env("GSETTINGS_BACKEND", "memory").env("XDG_RUNTIME_DIR", home).env("HOME", home);
        let mut daemon = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("dbus-daemon is installed");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().expect("piped")).read_line(&mut address).expect("an address");
        let mut bus = Self { daemon, address: address.trim().to_owned(), launcher: 0, heard: None };
        bus.listen().expect("the accessibility bus");
        bus
    }

    fn listen(&mut self) -> zbus::Result<()> {
        let session = Builder::address(self.address.as_str())?.build()?;
        let (service, path) = ("org.a11y.Bus", "/org/a11y/bus");
        for property in ["IsEnabled", "ScreenReaderEnabled"] {
            let on = ("org.a11y.Status", property, Value::from(true));
            session.call_method(Some(service), path, Some("org.freedesktop.DBus.Properties"), "Set", &on)?;
        }
        let address: String = session.call_method(Some(service), path, Some(service), "GetAddress", &())?.body().deserialize()?;
        let (bus, id) = ("org.freedesktop.DBus", "GetConnectionUnixProcessID");
        self.launcher = session.call_method(Some(bus), "/org/freedesktop/DBus", Some(bus), id, &service)?.body().deserialize()?;
        self.heard = Some(Builder::address(address.as_str())?.build()?);
        Ok(())
    }

    /// Its address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its processes.
    pub fn processes(&self) -> Vec<Process> {
        let mut all = processes::below(self.daemon.id());
        all.extend(processes::below(self.launcher));
        all
    }

    /// Everything in an application's windows from top to bottom; nothing where it has none, or where they change just now.
    pub fn heard(&self, application: &str) -> Vec<Heard> {
        self.all_of(application).unwrap_or_default()
    }

    fn all_of(&self, application: &str) -> zbus::Result<Vec<Heard>> {
        let mut all = Vec::new();
        for (service, path) in self.children(ROOT.0, ROOT.1)? {
            // One that has ended is listed until that is noticed.
            if self.name(&service, &path).is_ok_and(|name| name == application) {
                for (service, path) in self.children(&service, &path)? {
                    self.hear(&service, &path, &mut all)?;
                }
            }
        }
        Ok(all)
    }

    fn hear(&self, service: &str, path: &str, all: &mut Vec<Heard>) -> zbus::Result<()> {
        let role: u32 = self.ask(service, path, "org.a11y.atspi.Accessible", "GetRole", &())?.body().deserialize()?;
        let state: Vec<u32> = self.ask(service, path, "org.a11y.atspi.Accessible", "GetState", &())?.body().deserialize()?;
        let place = self.ask(service, path, "org.a11y.atspi.Component", "GetExtents", &0u32);
        let place = place.and_then(|reply| reply.body().deserialize()).unwrap_or_default();
        let state = |bit: u32| state.first().is_some_and(|bits| bits >> bit & 1 == 1);
        all.push(Heard { role: Role::of(role), name: self.name(service, path)?, enabled: state(8), focused: state(12), place });
        for (service, path) in self.children(service, path)? {
            self.hear(&service, &path, all)?;
        }
        Ok(())
    }

    fn children(&self, service: &str, path: &str) -> zbus::Result<Vec<(String, String)>> {
        let reply = self.ask(service, path, "org.a11y.atspi.Accessible", "GetChildren", &())?;
        let children: Vec<(String, OwnedObjectPath)> = reply.body().deserialize()?;
        Ok(children.into_iter().map(|(service, path)| (service, path.to_string())).collect())
    }

    fn name(&self, service: &str, path: &str) -> zbus::Result<String> {
        let name = ("org.a11y.atspi.Accessible", "Name");
        let value: OwnedValue = self.ask(service, path, "org.freedesktop.DBus.Properties", "Get", &name)?.body().deserialize()?;
        Ok(value.try_into()?)
    }

    fn ask<B>(&self, service: &str, path: &str, interface: &str, method: &str, body: &B) -> zbus::Result<zbus::Message>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        let heard = self.heard.as_ref().ok_or(zbus::Error::InvalidReply)?;
        heard.call_method(Some(service), path, Some(interface), method, body)
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let family = self.processes();
        self.heard = None;
        drop(self.daemon.kill());
        drop(self.daemon.wait());
        processes::end(&family);
    }
}

impl Role {
    /// As AT-SPI numbers them.
    fn of(number: u32) -> Self {
        match number {
            23 | 69 => Self::Window,
            29 | 116 => Self::Label,
            40 => Self::PasswordField,
            43 => Self::Button,
            44 => Self::RadioButton,
            61 | 79 => Self::TextField,
            83 => Self::Heading,
            other => Self::Other(other),
        }
    }
}

fn configuration(home: &Path) -> String {
    let home = home.display();
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={home}/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{home}/services</servicedir>
  <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"#
    )
}
