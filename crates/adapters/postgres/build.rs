//! Builds anew when a migration is added: the embedding macro would not notice.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
