//! A web server on a thread of its own.

use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;

use axum::Router;
use axum::middleware;
use tokio::sync::oneshot;

use crate::fault::{self, Faults, Words};

/// A running server; dropping it ends it.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Serves on a free port of the loopback interface.
pub(crate) fn serve(router: Router, faults: Faults, words: Words) -> Served {
    let router = router.layer(middleware::from_fn_with_state((faults, words), fault::meet));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a listener that does not block");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime for the test server");
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            let serving = axum::serve(listener, router);
            // Clients keep connections open, so waiting for them would never
            // end; dropping the runtime closes them.
            tokio::select! {
                _ = serving => {}
                _ = stopped => {}
            }
        });
    });
    Served { address, stop: Some(stop), thread: Some(thread) }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the server thread has been shown already.
            let _ = thread.join();
        }
    }
}

/// A port on which nothing listens at the moment.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}
