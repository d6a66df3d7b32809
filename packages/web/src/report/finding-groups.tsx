import { type FindingGroup, formatCount, specificationTitle } from "@ozx/core";

/** Findings by rule: errors first, those open; warnings and remarks closed. */
export function FindingGroups({ groups }: { groups: readonly FindingGroup[] }) {
  return (
    <div className="findings">
      {groups.map((group) => (
        <Group key={`${group.rule} ${group.level} ${group.severity}`} group={group} />
      ))}
    </div>
  );
}

function Group({ group }: { group: FindingGroup }) {
  const { rule, set, level, severity, count, help, examples } = group;
  const whose = level === "policy" ? specificationTitle(set) : `${specificationTitle(set)} ${level}`;
  const more = count - examples.length;
  return (
    <details className="finding" data-severity={severity} open={severity === "error"}>
      <summary>
        <span className="rule">
          <span className="severity">{severity}</span>
          <code>{rule}</code>
          <span className="soft">{whose}</span>
          {count > 1 && <span className="count">{formatCount(count)} times</span>}
        </span>
        <span className="gist">{examples[0]?.message}</span>
      </summary>
      <ul>
        {examples.map(({ where, message }) => (
          <li key={`${where} ${message}`}>{message}</li>
        ))}
        {more > 0 && <li className="soft">… and {formatCount(more)} more</li>}
      </ul>
      <p className="help">{help}</p>
    </details>
  );
}
