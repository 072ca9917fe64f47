# Starts a command in a session of its own and ends all that it started: when standard input is closed, which the end
# of the process that holds its other end does as well, however it ends.
# A line that comes there before is printed by itself among what the command prints, which tells what came before it.
# Arguments: a mark that the command's environment bears, seconds between the signals to end, the command.
mark=$1 grace=$2
shift 2
exec 3<&0 4>&1 </dev/null
guard=
if setpriv --pdeathsig KILL true 2>/dev/null; then guard='setpriv --pdeathsig KILL'; fi
BATCHINFER_STARTED_FOR=$mark setsid $guard "$@" 3<&- 4>&- &
engine=$!

kill_all() {
  kill -s KILL -- "-$engine" "$engine"
  for found in $(grep -ls -- "BATCHINFER_STARTED_FOR=$mark" /proc/[0-9]*/environ); do
    found=${found#/proc/}
    kill -s KILL "${found%/environ}"
  done
} 2>/dev/null

(
  # Whoever read it may be gone, of which the end of standard input is to tell, not a signal.
  trap '' PIPE
  while read -r line; do printf '\n%s\n' "$line" >&4; done <&3
  kill -s TERM -- "-$engine" "$engine"
  waited=0
  while [ "$waited" -lt "$grace" ] && kill -s 0 -- "-$engine"; do
    sleep 1
    waited=$((waited + 1))
  done
  kill_all
) >/dev/null 2>&1 &
watch=$!

wait "$engine" 2>/dev/null
status=$?
kill -s KILL "$watch" 2>/dev/null
kill_all
exit "$status"
