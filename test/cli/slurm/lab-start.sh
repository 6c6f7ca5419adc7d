#!/bin/bash
# Starts munge, slurmctld and NODES virtual nodes on this machine: without systemd, on loopback alone, as root or as
# the user who runs this (jobs run as that user).
#   lab-start.sh [NODES] [CPUS]        NODES default 1, CPUS of each default 2; more than there are is fine
# LAB (default ${TMPDIR:-/tmp}/slurm-lab) holds configuration, state, logs and pids; it is emptied first. Afterwards:
#   export SLURM_CONF=$LAB/slurm.conf
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
nodes=${1:-1} cpus=${2:-2}
here=$(cd "$(dirname "$0")" && pwd)
LAB=${LAB:-${TMPDIR:-/tmp}/slurm-lab}
port=${SLURM_LAB_PORT:-26800}
begun=$(date +%s%N)
for program in munged slurmctld slurmd; do
    command -v $program >/dev/null || { echo "lab-start.sh: no $program: apt-get install --no-install-recommends slurm-wlm munge" >&2; exit 1; }
done
[ -e "$LAB/pids" ] && "$here/lab-stop.sh"
rm -rf "$LAB"
mkdir -p "$LAB/state"
chmod 755 "$LAB"

# A key, socket and log of our own: neither /etc/munge nor /run/munge is touched.
(umask 077 && head -c 1024 /dev/urandom > "$LAB/munge.key")
munged --force --key-file="$LAB/munge.key" --socket="$LAB/munge.socket" --pid-file="$LAB/munged.pid" \
    --log-file="$LAB/munged.log" --seed-file="$LAB/munged.seed" --num-threads=2
cat "$LAB/munged.pid" > "$LAB/pids"

lines=$(for n in $(seq 1 "$nodes"); do
    echo "NodeName=node$n NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$((port + 10 + n)) CPUs=$cpus RealMemory=${SLURM_LAB_MEMORY:-1000}${SLURM_LAB_NODE_EXTRA:+ $SLURM_LAB_NODE_EXTRA} State=UNKNOWN"
done)
template=$(cat "$here/slurm.conf.template")
template=${template//@LAB@/$LAB}
template=${template//@USER@/$(id -un)}
template=${template//@HOST@/$(hostname -s)}
template=${template//@CTLD_PORT@/$port}
template=${template//@SRUN_PORTS@/$((port + 100))-$((port + 199))}
template=${template//@NODES@/$lines}
template=${template//@SLURMD_TIMEOUT@/${SLURM_LAB_SLURMD_TIMEOUT:-15}}
template=${template//@MAX_ARRAY@/${SLURM_LAB_MAX_ARRAY:-1001}}
template=${template//@GRACE@/${SLURM_LAB_GRACE:-5}}
template=${template//@REQUEUE_EXIT@/${SLURM_LAB_REQUEUE_EXIT:-75}}
echo "$template" > "$LAB/slurm.conf"
export SLURM_CONF=$LAB/slurm.conf

pid_in() { # waits for a pid file
    for _ in $(seq 100); do
        [ -s "$1" ] && { cat "$1"; return; }
        sleep .1
    done
    echo "lab-start.sh: $1 did not appear; see the logs in $LAB" >&2
    return 1
}
slurmctld -c -f "$SLURM_CONF"
pid_in "$LAB/slurmctld.pid" >> "$LAB/pids"
for n in $(seq 1 "$nodes"); do
    slurmd -c -N "node$n" -f "$SLURM_CONF"
    pid_in "$LAB/slurmd-node$n.pid" >> "$LAB/pids"
done
for _ in $(seq 150); do
    idle=$(sinfo -h -p main -t idle -o %D 2>/dev/null | tr -d ' ')
    [ "${idle:-0}" = "$nodes" ] && { echo "$nodes node(s) idle after $((($(date +%s%N) - begun) / 1000000)) ms; export SLURM_CONF=$SLURM_CONF"; exit 0; }
    sleep .1
done
echo "lab-start.sh: nodes did not become idle" >&2
sinfo >&2 || true
tail -n 5 "$LAB"/*.log >&2
exit 1
