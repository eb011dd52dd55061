//! The place where the API listens.

use crate::{
    row::{Row, Then::Ends},
    scene::{CannotTry, Scene, is_root},
};
use std::net::TcpListener;

pub(crate) const ROWS: &[Row] = &[
    Row {
        what: "Another program has the port",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_file().await;
                let other = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
                scene.set("SERVER_PORT", port(&other));
                scene.keep(other);
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["cannot listen on 127.0.0.1 port …: another program has it: …SERVER_PORT…--port"],
        mend: "End that program (`ss -ltnp` names it), or choose another `SERVER_PORT`.",
    },
    Row {
        what: "Another server of ours has the port",
        set: || {
            Box::pin(async {
                let mut other = Scene::on_file().await;
                other.set("SERVER_PORT", "0");
                let running = dispatcher_stage::Replica::listening(other.start()).await;
                let port = running.base.rsplit(':').next().unwrap_or_default().to_owned();
                let mut scene = Scene::on_file().await;
                scene.set("SERVER_PORT", port);
                scene.keep((running, other));
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["cannot listen on 127.0.0.1 port …: another program has it"],
        mend: "",
    },
    Row {
        what: "The port is below 1024, and the user is not root",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_file().await;
                scene.set("SERVER_PORT", low_port()?);
                scene.give_folder();
                scene.as_nobody()?;
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["cannot listen on 127.0.0.1 port …: this user may not take that port…SERVER_PORT"],
        mend: "Choose a `SERVER_PORT` from 1024 on, and publish it on the other one by a proxy or by the container's \
               port mapping.",
    },
    Row {
        what: "`SERVER_HOST` is no address of this machine",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_file().await;
                scene.set("SERVER_HOST", "192.0.2.1");
                scene.set("AUTH", "off");
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &[
            "cannot listen on 192.0.2.1 port 0: that is no address of this machine…SERVER_HOST",
        ],
        mend: "Name an address of this machine in `SERVER_HOST`; `0.0.0.0` stands for all of them.",
    },
    Row {
        what: "`SERVER_HOST` is a name that does not resolve",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_file().await;
                scene.set("SERVER_HOST", "no-such-host.invalid");
                scene.set("AUTH", "off");
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &[
            "cannot listen on no-such-host.invalid port 0: SERVER_HOST must be an address of this machine, or a name",
        ],
        mend: "Write an address instead of the name, or mend DNS or `/etc/hosts`.",
    },
];

fn port(listener: &TcpListener) -> String {
    listener.local_addr().expect("an address").port().to_string()
}

/// One that only root may take.
fn low_port() -> Result<String, CannotTry> {
    let first = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    let first = first.ok().and_then(|text| text.trim().parse().ok()).unwrap_or(1024);
    let port = (1..first).rev().find(|port| {
        let free = TcpListener::bind(("127.0.0.1", *port));
        // Who is not root cannot find out, and is refused all the same.
        free.is_ok() || !is_root()
    });
    let why = || CannotTry("here everybody may take any port".to_owned());
    port.map(|port: u16| port.to_string()).ok_or_else(why)
}
