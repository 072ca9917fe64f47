"""What the endpoints' logs say: limits_report.py SCENARIO FOLDER"""
import collections, glob, os, sys

scenario, folder = sys.argv[1:]
rows = []
for name in glob.glob(os.path.join(folder, "e*.log")):
    rows += [(float(a), float(b), int(s), int(t), i) for a, b, s, t, i in
             (line.split() for line in open(name) if line.count(" ") == 4)]
rows.sort()
first = rows[0][0]
answered = [row for row in rows if row[2] == 200]
last = max(row[1] for row in answered)


def moment(name):
    path = os.path.join(folder, name)
    return float(open(path).read()) - first if os.path.exists(path) else None


def per_second(start, end):
    return sum(start <= row[1] - first < end for row in answered) / (end - start)


def show(name, value):
    print("%-52s %s" % (name, value))


def recovered(after, wanted):
    second = after
    while second < last - first - 3:
        if per_second(second, second + 3) >= wanted:
            return "%.0f s" % (second - after)
        second += 1
    return "not within the run"


ends = collections.Counter(int(row[1] - first) for row in answered)
print("answers per second:", " ".join(str(ends[s]) for s in range(int(last - first) + 1)))
show("received / different rows", "%d / %d" % (len(rows), len({row[4] for row in rows})))
show("refused", "%.2f %%" % (100 * (len(rows) - len(answered)) / len(rows)))
if scenario == "adaptive":
    full = 64 / 0.3
    halved, restored = moment("halved"), moment("restored")
    show("share of the capacity from second 10 on", "%.3f" % (per_second(10, halved) / full))
    show("share of the halved capacity, from 10 s after", "%.3f" % (per_second(halved + 10, restored) / full * 2))
    show("0.9 of the restored capacity again after", recovered(restored, 0.9 * full))
    show("share of the restored capacity, from 10 s after", "%.3f" % (per_second(restored + 10, last - first - 3) / full))
elif scenario == "replicas":
    one = 16 / 0.3
    killed, restarted = moment("killed"), moment("restarted")
    show("share of three healthy replicas, from second 10 on", "%.3f" % (per_second(10, killed) / one / 3))
    show("share of two while one is dead, from 3 s after", "%.3f" % (per_second(killed + 3, restarted) / one / 2))
    show("0.9 of three again after", recovered(restarted, 0.9 * one * 3))
elif scenario == "rate":
    arrivals = [row[0] for row in rows]
    seconds = collections.Counter(int(at) for at in arrivals)
    show("share of the limit from second 1 on", "%.4f" % (sum(row[0] - first >= 1 for row in answered) / (arrivals[-1] - first - 1) / 100))
    show("busiest second (limit 100)", max(seconds.values()))
    start, most = 0, 0
    for end, at in enumerate(arrivals):
        while at - arrivals[start] >= 60:
            start += 1
        most = max(most, end - start + 1)
    show("busiest minute (limit 6000)", most)
else:
    minutes = collections.Counter()
    for row in answered:
        minutes[int(row[1] // 60)] += row[3]
    whole = sorted(minutes)[1:-1]
    show("share of the limit in each whole minute", " ".join("%.3f" % (minutes[m] / 600000) for m in whole))
