// Where the graph's workers stand: a cluster for each host, hosts on a grid or an ellipse, workers as seeds of a sunflower.

const GOLDEN = Math.PI * (3 - Math.sqrt(5)); // Vogel (1979)

/** {hosts: [{name, x, y, radius}], points: Float32Array of x, y for each name, reach: of a worker's dot}. */
export function arranged(names, width, height) {
  const groups = new Map();
  names.forEach((name, k) => {
    const host = name.slice(0, name.lastIndexOf("/"));
    if (!groups.has(host)) groups.set(host, []);
    groups.get(host).push(k);
  });
  const points = new Float32Array(names.length * 2);
  const centres = spread(groups.size, width, height);
  const hosts = [];
  let reach = 7, g = 0;
  for (const [name, members] of groups) {
    const { x, y, radius } = centres[g++];
    hosts.push({ name, x, y, radius, members });
    if (members.length === 1) points.set([x, y], members[0] * 2);
    else if (members.length <= 12) {
      members.forEach((k, i) => {
        const angle = (2 * Math.PI * i) / members.length - Math.PI / 2;
        points.set([x + radius * 0.72 * Math.cos(angle), y + radius * 0.72 * Math.sin(angle)], k * 2);
      });
    } else {
      const step = (radius * 0.92) / Math.sqrt(members.length);
      reach = Math.min(reach, step * 0.62);
      members.forEach((k, i) => {
        const distance = step * Math.sqrt(i + 0.5);
        points.set([x + distance * Math.cos(i * GOLDEN), y + distance * Math.sin(i * GOLDEN)], k * 2);
      });
    }
  }
  return { hosts, points, reach: Math.max(1.8, Math.min(reach, 6.5)) };
}

function spread(count, width, height) {
  const label = 16;
  if (count <= 1) return [{ x: width / 2, y: height / 2 - label / 2, radius: Math.max(20, Math.min(width, height - 2 * label) / 2 - 14) }];
  let best = null;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const radius = Math.min(width / columns, height / rows - label) / 2 - 6;
    if (!best || radius > best.radius) best = { columns, rows, radius };
  }
  const { columns, rows, radius } = best;
  return Array.from({ length: count }, (_, k) => {
    const row = Math.floor(k / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    return { x: (width * ((k % columns) + 0.5)) / inRow, y: (height * (row + 0.5)) / rows - label / 2, radius: Math.max(radius, 6) };
  });
}
