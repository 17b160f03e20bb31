// <expression> read_variable("EXAMPLE_API_KEY")
// <function>
/// The value of an environment variable.
///
/// # Panics
/// Where there is none.
fn read_variable(name: &str) -> String {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => value,
        _ => panic!("The environment variable {name} is not set. Set it before the program starts."),
    }
}
// </function>

fn main() {
    let secret = read_variable("EXAMPLE_API_KEY");
    // <use>
    println!("The secret has {} characters.", secret.len());
    // </use>
}
