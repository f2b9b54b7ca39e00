using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;
using Generation = ClipDistributed.Coordinator.Generations.Generation;
using HostMessage = ClipDistributed.Contracts.Host.V1.ConnectResponse;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>The same step crashes replicas again: its rows are decoded in a process of its own, and a row that crashes that counts as damaged.</summary>
internal sealed partial class RunLoop
{
    // More rows than that are not bad luck with the data.
    private const int MostCondemned = 10;

    // Trials that found nothing: by then it is something else than the rows.
    private const int MostVainTrials = 3;

    // A row takes milliseconds; a process that hangs instead shows nothing.
    private static readonly TimeSpan TrialPatience = TimeSpan.FromMinutes(10);

    private readonly CrashSuspicion suspicion = new();
    private readonly HashSet<SampleId> condemned; // what all members of a generation are told
    private readonly string? damage; // of a file of this run; null: none
    private CulpritSearch? search; // null: none goes on
    private string trialId = "", trialHost = ""; // of its process
    private TimeSpan trialUntil;
    private int trials, vainTrials;

    private string CondemnedFile => new RunDirectory(Row.RunDirectory).Condemned;

    /// <param name="damage">What is wrong with the file; null: nothing.</param>
    private HashSet<SampleId> LoadCondemned(out string? damage)
    {
        damage = null;
        try
        {
            return CondemnedRows.Load(CondemnedFile);
        }
        catch (BadInputException damaged)
        {
            damage = damaged.Message;
            return [];
        }
    }

    private void Suspect(Generation over)
    {
        long first = over.Applied + 1;
        if (!suspicion.Note(over) || Row.Wish != RunPhase.Unspecified || first > Row.Steps)
            return;
        search = new CulpritSearch(work.Order, first, Math.Min(first + CrashSuspicion.Ahead - 1, Row.Steps), condemned);
        LogTrial(Row.RunId, first, suspicion.Evidence);
        StartTrial();
    }

    /// <summary>On a host that runs this run's replicas, or did: there the data can be read.</summary>
    private void StartTrial()
    {
        trialId = $"{Row.RunId}-t{++trials}";
        var message = new LaunchReplica { ReplicaId = trialId, RunId = Row.RunId, RunDirectory = Row.RunDirectory, DeviceKind = DeviceKind.Cpu, Trial = new Trial { Step = search!.Step } };
        message.Trial.Rows.AddRange(search.Rows.Select(ToMessage));
        foreach (string host in replicas.Select(member => member.Device.Host).Distinct())
        {
            around.Replicas.Add(trialId, Row.RunId, host, secretHash: [], input => Post(input));
            if (around.Hosts.Send(host, new HostMessage { LaunchReplica = message }))
            {
                (trialHost, trialUntil) = (host, Now + TrialPatience);
                return;
            }
        }
        EndTrial(); // nobody is there to try anything: the next crash is looked at again
    }

    private void HearTrial(ProcessExit exit)
    {
        around.Replicas.Remove(trialId);
        if (search!.Note(exit) && condemned.Count + search.Culprits.Count <= MostCondemned)
            StartTrial();
        else
            Conclude(search);
    }

    /// <returns>When to look again though nothing came.</returns>
    private async Task<TimeSpan> AwaitTrialAsync()
    {
        if (Row.Wish != RunPhase.Unspecified)
        {
            AbandonTrial();
            return Now;
        }
        if (Now >= trialUntil)
        {
            KillTrial();
            HearTrial(new ProcessExit(null, $"it took longer than {TrialPatience.TotalMinutes:0} minutes"));
            return Now;
        }
        await SetPhaseAsync(RunPhase.Recovering, $"replicas crashed twice near step {search!.Step}; its rows are decoded in a process of its own on host {trialHost}");
        return Now + Glance;
    }

    private void Conclude(CulpritSearch over)
    {
        EndTrial();
        changed = recorded = true;
        if (over.Culprits.Count == 0)
        {
            string found = over.Broken == "" ? "none of the rows that were in work crashes the decoder" : $"its rows could not be tried, because {over.Broken}";
            journal.Add(RunRecords.ToStruct(new RunNotice(Row.Step, $"Replicas crashed twice near step {Row.Step + 1}, and {found}: {suspicion.Evidence}.")));
            if (++vainTrials == MostVainTrials)
                BeginEnding(new GenerationOutcome.Over(RunPhase.Failed, $"replicas crash near step {Row.Step + 1} again and again, and {found}; the last: {suspicion.Evidence}"));
            return;
        }
        condemned.UnionWith(over.Culprits);
        string rows = string.Join(", ", over.Culprits.Select(row => $"row {row.Row} of shard {row.Shard}"));
        journal.Add(RunRecords.ToStruct(new RunNotice(Row.Step, $"{rows}: decoding crashes the process ({suspicion.Evidence}). It counts as damaged from now on; another row takes its place.")));
        incidents.Note(IncidentKind.ReplicaLost, $"decoding {rows} crashes the process", []);
        try
        {
            CondemnedRows.Save(CondemnedFile, condemned); // before anybody trains without them
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            BeginEnding(new GenerationOutcome.Over(RunPhase.Failed, $"{rows} crashes the decoder, and {CondemnedFile} cannot be written ({failed.Message}); mend that, then clipd submit --resume"));
            return;
        }
        if (condemned.Count > MostCondemned)
            BeginEnding(new GenerationOutcome.Over(RunPhase.Failed, $"more than {MostCondemned} rows crash the decoder, the last: {rows}; repair the data, or look at the decoder"));
    }

    private void AbandonTrial()
    {
        KillTrial();
        EndTrial();
    }

    private void KillTrial() => around.Hosts.Send(trialHost, new HostMessage { KillReplica = new KillReplica { ReplicaId = trialId } });

    private void EndTrial()
    {
        around.Replicas.Remove(trialId);
        search = null;
    }

    private static DatasetRow ToMessage(SampleId row) => new() { Shard = row.Shard, Row = row.Row };
}
