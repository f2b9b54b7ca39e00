using System.Globalization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cli.Tables;

/// <summary>The incidents of a run: what they cost together, then each with what was done and, below, what was seen.</summary>
internal static class IncidentTable
{
    private const int Newest = 4;

    /// <param name="all">All of them, with their evidence in full; false: the newest, wrapped to the terminal's width.</param>
    public static void Write(IReadOnlyList<Incident> incidents, DateTimeOffset now, bool all)
    {
        if (incidents.Count == 0)
            return;
        Console.WriteLine(
            $"incidents   {incidents.Count}: {Quantities.Duration(incidents.Sum(incident => incident.SecondsLost))} lost, "
                + $"{Counted.Of(incidents.Sum(incident => incident.StepsRecomputed), "step")} recomputed, "
                + $"{Counted.Of(incidents.Sum(incident => incident.SamplesRepeated), "sample")} repeated"
        );
        int older = all ? 0 : Math.Max(0, incidents.Count - Newest);
        if (older > 0)
            Console.WriteLine($"  {older} older not shown; --incidents shows all, in full");
        var table = new TextTable(
            all ? "  found (UTC)" : "  when",
            "what",
            ">lost",
            new Column("recomputed", IsRight: true, Drop: 2),
            new Column("then", IsText: !all, Drop: all ? null : 1, IsWrapped: true)
        );
        foreach (var incident in incidents.Skip(older))
        {
            table.Add(
                $"  {(all ? UtcTime.Readable(incident.Opened.ToDateTimeOffset()) : Quantities.Ago(incident.Opened, now))}",
                IncidentNames.Of(incident.Kind),
                incident.HasSecondsLost ? Quantities.Duration(incident.SecondsLost) : "so far",
                incident.StepsRecomputed.ToString(CultureInfo.InvariantCulture),
                incident.Action == "" ? "nothing yet" : incident.Action);
            if (all && incident.Closed is { } closed)
                table.AddNote($"  {UtcTime.Readable(closed.ToDateTimeOffset())}  over");
            if (incident.Evidence != "")
                table.AddNote($"      {incident.Evidence}");
        }
        Console.Write(table.ToText(all ? null : Terminals.TerminalWidth.Now));
    }
}
