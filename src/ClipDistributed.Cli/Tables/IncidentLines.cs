using System.Globalization;
using ClipDistributed.Cli.Terminals;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cli.Tables;

/// <summary>The incidents of a run for people: what they cost together, then each with what was done and, below, what was seen.</summary>
internal static class IncidentLines
{
    /// <summary>So wide at most, unless all is asked for.</summary>
    private const int Widest = 100;

    private const int Newest = 4;

    /// <param name="all">All of them, with their evidence in full; false: the newest, cut to a screen's width.</param>
    public static IEnumerable<string> Of(IReadOnlyList<Incident> incidents, DateTimeOffset now, bool all)
    {
        if (incidents.Count == 0)
            yield break;
        yield return $"incidents   {incidents.Count}: {Quantities.Duration(incidents.Sum(incident => incident.SecondsLost))} lost, {Quantities.Count(incidents.Sum(incident => incident.StepsRedone), "step")} redone, {Quantities.Count(incidents.Sum(incident => incident.SamplesRepeated), "sample")} repeated";
        int older = all ? 0 : Math.Max(0, incidents.Count - Newest);
        if (older > 0)
            yield return $"  {older} older not shown; --incidents shows all, in full";
        yield return all
            ? "  found (UTC)           what                   lost  redone  then"
            : "  when        what                   lost  redone  then";
        foreach (var incident in incidents.Skip(older))
        {
            string lost = incident.HasSecondsLost ? Quantities.Duration(incident.SecondsLost) : "so far";
            yield return Cut(string.Create(CultureInfo.InvariantCulture, $"  {(all ? UtcTime.Readable(incident.Opened.ToDateTimeOffset()) : Quantities.Ago(incident.Opened, now)),-10}  {IncidentNames.Of(incident.Kind),-14}  {lost,11}  {incident.StepsRedone,6}  {(incident.Action == "" ? "nothing yet" : incident.Action)}"), all);
            if (all && incident.Closed is { } closed)
                yield return $"  {UtcTime.Readable(closed.ToDateTimeOffset())}  over";
            if (incident.Evidence != "")
                yield return Cut($"              {incident.Evidence}", all);
        }
    }

    private static string Cut(string line, bool all) => all ? line : CellText.Cut(line, Math.Min(Widest, TerminalWidth.Now ?? Widest));
}
