#!/bin/bash
# Ends what lab-start.sh started, by pid: jobs first, then slurmd, slurmctld, munged. Leaves the logs.
LAB=${LAB:-${TMPDIR:-/tmp}/slurm-lab}
[ -e "$LAB/pids" ] || exit 0
export SLURM_CONF=$LAB/slurm.conf
if timeout 5 squeue -h -o %A >/dev/null 2>&1; then
    timeout 5 scancel --user="$(id -un)" --quiet 2>/dev/null
    for _ in $(seq 20); do
        [ -z "$(timeout 2 squeue -h -o %A 2>/dev/null)" ] && break
        sleep .1
    done
fi
# Daemons name the lab on their command line (nodes that a test started again included), so a pid that was reused is no daemon.
daemons() {
    for pid in $(cat "$LAB"/slurmd-*.pid "$LAB"/slurmctld.pid "$LAB"/munged.pid "$LAB"/pids 2>/dev/null | sort -un); do
        cat "/proc/$pid/cmdline" 2>/dev/null | tr '\0' ' ' | grep -qF "$LAB/" && echo "$pid"
    done
}
# What a node that was killed left running: its steps listen in its spool folder, its jobs have the lab in their environment.
orphans() {
    ss -xlpH 2>/dev/null | grep -F "$LAB/spool-" | grep -o 'pid=[0-9]*' | cut -d= -f2
    grep -lsazxF "SLURM_CONF=$LAB/slurm.conf" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3 | while read -r pid; do
        grep -qsaz '^SLURM_JOB_ID=' "/proc/$pid/environ" && echo "$pid"
    done
}
for signal in TERM KILL; do
    for pid in $(daemons) $(orphans); do kill -$signal "$pid" 2>/dev/null; done
    for _ in $(seq 20); do
        [ -z "$(daemons)$(orphans)" ] && { rm -f "$LAB/pids"; exit 0; }
        sleep .1
    done
done
echo "lab-stop.sh: still there: $(daemons) $(orphans)" >&2
exit 1
