import Synchronization

/// Makes the value that has it live at an address.
///
/// The compiler lends a loadable value, however large, by copying it to the stack: a table's 144 bytes for each row that is
/// looked at, the state's two to three kilobytes for each call of a function that only reads it. That was half of what a
/// payment cost. A value with an atomic part can only be lent by its address.
struct AddressOnly: ~Copyable {
    private let anchor = Atomic<UInt8>(0)
}
