//! What the broker or the network said, as a sentence that tells what to mend.

use lapin::uri::AMQPUri;
use lapin::{Error, ErrorKind};

use super::RabbitConfig;
use crate::certificates::distrust;
use crate::queue::QueueError;

/// AMQP's numbers of what can be wrong.
const ACCESS_REFUSED: u16 = 403;
const PRECONDITION_FAILED: u16 = 406;
const NOT_ALLOWED: u16 = 530;

/// Whom a sentence is about.
pub(super) struct Whom {
    place: String,
    user: String,
    vhost: String,
    prefix: String,
}

impl Whom {
    pub(super) fn new(config: &RabbitConfig, uri: &AMQPUri) -> Self {
        Self {
            place: format!("{}:{}", uri.authority.host, uri.authority.port),
            user: uri.authority.userinfo.username.clone(),
            vhost: uri.vhost.clone(),
            prefix: config.prefix.clone(),
        }
    }

    /// Why no connection came about.
    pub(super) fn connecting(&self, error: &Error) -> QueueError {
        let Self { place, user, vhost, .. } = self;
        let text = match code(error) {
            Some((ACCESS_REFUSED, _)) => format!(
                "RabbitMQ at {place} refuses user {user:?}: correct the name or the password in queue.url (SENDRY_QUEUE_URL)"
            ),
            Some((NOT_ALLOWED, said)) => format!(
                "RabbitMQ at {place} does not let user {user:?} into virtual host {vhost:?} ({said}): name another at the end of \
                 queue.url (SENDRY_QUEUE_URL), or run `rabbitmqctl add_vhost {vhost}` and {}",
                self.grant()
            ),
            Some((_, said)) => format!("RabbitMQ at {place} ends the connection: {said}"),
            None => match distrust(error) {
                Some(why) => format!(
                    "RabbitMQ at {place} shows a certificate that is not trusted ({why}): name the file of its authority in \
                     storage.ca_file (SENDRY_STORAGE__CA_FILE), or the host that it is for in queue.url (SENDRY_QUEUE_URL)"
                ),
                None if said_by_io(error).contains("corrupt message") => format!(
                    "RabbitMQ speaks no TLS at {place}: name the port at which it does in queue.url (SENDRY_QUEUE_URL), mostly 5671, \
                     or write amqp:// for one without"
                ),
                None => return self.unreachable(&said_by_io(error)),
            },
        };
        QueueError::Misconfigured(text)
    }

    /// Why the queues could not be declared.
    pub(super) fn declaring(&self, error: &Error) -> QueueError {
        let Self { place, user, .. } = self;
        let text = match code(error) {
            Some((ACCESS_REFUSED, said)) => format!(
                "RabbitMQ at {place} does not let user {user:?} make its queues ({said}): run {}",
                self.grant()
            ),
            Some((PRECONDITION_FAILED, said)) => format!(
                "RabbitMQ at {place} holds a queue or exchange of that name with other arguments ({said}): set \
                 queue.rabbitmq_queue_type to what it was declared with, choose another queue.prefix, or delete it once it is empty"
            ),
            Some((_, said)) => format!("RabbitMQ at {place} does not make the queues: {said}"),
            None => return self.unreachable(&said_by_io(error)),
        };
        QueueError::Misconfigured(text)
    }

    pub(super) fn unreachable(&self, why: &str) -> QueueError {
        QueueError::Unavailable(format!(
            "RabbitMQ cannot be reached at {} ({why}): see that it runs, and that queue.url (SENDRY_QUEUE_URL) names its place",
            self.place
        ))
    }

    fn grant(&self) -> String {
        let names = format!("'^{}[.].*'", self.prefix);
        format!("`rabbitmqctl set_permissions -p {} {} {names} {names} {names}`", self.vhost, self.user)
    }
}

/// The broker's number and words; none when it did not say anything.
fn code(error: &Error) -> Option<(u16, String)> {
    match error.kind() {
        ErrorKind::ProtocolError(said) => Some((said.get_id(), said.get_message().to_string())),
        _ => None,
    }
}

fn said_by_io(error: &Error) -> String {
    match error.kind() {
        ErrorKind::IOError(error) => error.to_string(),
        _ => error.to_string(),
    }
}

impl From<Error> for QueueError {
    /// While the hub runs every error of the broker is an outage: the connection or channel is opened anew.
    fn from(error: Error) -> Self {
        Self::Unavailable(format!("RabbitMQ: {error}"))
    }
}
