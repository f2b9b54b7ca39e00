using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>What a replica has received in one generation: its shares of the steps, and commands.</summary>
/// <param name="startStep">That the generation begins after.</param>
internal sealed class SimulatedOrders(SimulatedCluster cluster, string replicaId, long startStep)
{
    private readonly List<CommandKind> commands = [];
    private readonly List<Assignment> assignments = [];
    private readonly List<(long First, long Last)> ahead = []; // steps that were not assigned
    private long last = startStep; // that it knows its share of

    public IReadOnlyList<CommandKind> Commands => commands;

    /// <summary>The shares of a step of its generation; null: it does not know them yet.</summary>
    public Shares? SharesOf(long step) =>
        step <= last && assignments.Count > 0
            ? new Shares([
                .. (assignments.Find(assignment => step <= assignment.LastStep) ?? assignments[^1]).Shares.Select(rows => (int)rows),
            ])
            : null;

    /// <summary>Nothing was assigned for a while: the last shares hold on for some steps.</summary>
    public void RunAhead(long step)
    {
        if (assignments.Count == 0 || step <= last)
            return;
        ahead.Add((last + 1, step + 31));
        assignments.Add(new Assignment { FirstStep = last + 1, LastStep = step + 31, Shares = { assignments[^1].Shares } });
        last = step + 31;
    }

    /// <summary>It ran ahead of its assignment there.</summary>
    public bool RanAhead(long step) => ahead.Any(steps => steps.First <= step && step <= steps.Last);

    /// <summary>Between what is assigned no step is left out.</summary>
    public void CheckFollows(Assignment assigned) =>
        cluster.Check(assigned.FirstStep <= last + 1, $"{replicaId} is assigned {assigned} after step {last}");

    /// <summary>What was said of a step never changes; a change of what it has taken itself ends the generation.</summary>
    /// <returns>False: it was assigned otherwise.</returns>
    public bool Take(Assignment assigned)
    {
        bool isOther = assignments.Any(known =>
            known.FirstStep <= assigned.LastStep && assigned.FirstStep <= known.LastStep && !known.Shares.SequenceEqual(assigned.Shares)
        );
        cluster.Check(
            !isOther || ahead.Any(steps => steps.First <= assigned.LastStep && assigned.FirstStep <= steps.Last),
            $"{replicaId} is assigned {assigned}, and was assigned otherwise before"
        );
        if (!isOther && assigned.LastStep > last)
        {
            assignments.Add(assigned);
            last = assigned.LastStep;
        }
        return !isOther;
    }

    public void Take(Command command)
    {
        commands.Add(command.Kind);
        cluster.Check(command.Number == commands.Count, $"{replicaId} is given {command} as number {commands.Count}");
    }
}
