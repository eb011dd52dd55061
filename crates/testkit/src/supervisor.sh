# Runs one server for one owner and never lets it outlive that owner.
#
# usage: sh -c "$this_script" supervisor <directory> <signal> <program> [arguments...]
#
# The owner holds the writing end of our standard input. However the owner ends, kill -9 included, the
# kernel closes that pipe; we then end the server and remove its directory. Lines the owner may write:
#   ready  the server handles signals now: end it with <signal>.
#   keep   do not remove the directory: the server is to be started again.
directory=$1
signal=$2
shift 2

exec 2>&1
"$@" </dev/null &
server=$!

# From here only the server holds the output pipe, so the owner sees the server's end as end of file.
exec >/dev/null 2>&1

# Until it is ready: TERM ends it when it has no handlers yet (a background job of a shell ignores QUIT),
# QUIT ends PostgreSQL when it has. KILL would always do but leaves shared memory behind.
signals="TERM QUIT"
after=remove
while read -r word; do
    case $word in
        ready) signals=$signal ;;
        keep) after=keep ;;
    esac
done

for name in $signals; do
    kill -s "$name" "$server"
done
# A server stopped by a test with SIGSTOP would sleep through its end.
kill -s CONT "$server"
wait "$server"
status=$?

if [ "$after" = remove ]; then
    # Children of a killed server may still write for a moment and make the removal fail.
    for _ in 1 2 3 4 5; do
        rm -rf "$directory" && break
    done
fi
exit "$status"
