//! A proxy that takes every server to be the same one of this machine, so that
//! tests may use names of others.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

pub(crate) struct Proxy {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// One that leads to a port of this machine.
    pub(crate) fn to(port: u16) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let held = Arc::clone(&seen);
        // The thread ends with the process; nobody waits for it.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let seen = Arc::clone(&held);
                thread::spawn(move || pass(client, port, &seen));
            }
        });
        Proxy { address, seen }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Whom clients wanted to speak to, as `host:port`.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// One connection, to its end. Errors end it, as they would on a wire.
fn pass(mut client: TcpStream, port: u16, seen: &Mutex<Vec<String>>) -> Option<()> {
    let mut head = BufReader::new(client.try_clone().ok()?);
    let mut first = String::new();
    head.read_line(&mut first).ok()?;
    let mut line = String::new();
    while head.read_line(&mut line).ok()? > 2 {
        line.clear();
    }
    let target = first.strip_prefix("CONNECT ")?.split(' ').next()?.to_owned();
    seen.lock().unwrap().push(target);
    let mut server = TcpStream::connect(("127.0.0.1", port)).ok()?;
    client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").ok()?;
    let mut back = (server.try_clone().ok()?, client.try_clone().ok()?);
    thread::spawn(move || {
        let _ = std::io::copy(&mut back.0, &mut back.1);
        let _ = back.1.shutdown(Shutdown::Both);
    });
    // What was read ahead belongs to the tunnel.
    let _ = std::io::copy(&mut head, &mut server);
    let _ = server.shutdown(Shutdown::Both);
    Some(())
}
