using System.Threading.Channels;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Incidents;
using ClipDistributed.Coordinator.Rules;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Store;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>
/// Owns one run from its submission to its end: reads its channel, applies the inputs to the run's state, asks the policy for actions,
/// saves once, then performs them. All but <see cref="Post"/> happens on the loop.
/// </summary>
internal sealed partial class RunLoop : IDisposable
{
    private const int MaxTurns = 100_000; // at one moment

    private readonly RunJournal journal;
    private readonly ActiveRun run;
    private readonly RunServices services;
    private readonly RunEffects effects;
    private readonly RunSaver saver;
    private readonly DeviceClaims claims;
    private readonly WallClock clock;
    private readonly ILogger<RunLoop> logger;
    private readonly Channel<RunInput> inputs = Channel.CreateUnbounded<RunInput>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ITimer alarm;
    private readonly long began;
    private readonly List<RunAction> decided = []; // applied, and not performed yet
    private TimeSpan? due; // when the alarm goes off

    private RunLoop(RunJournal journal, ActiveRun run, RunServices services)
    {
        (this.journal, this.run, this.services, logger) = (journal, run, services, services.LoopLogger);
        effects = new RunEffects(run, services, happened => Post(new RunInput.OfReplica(happened)));
        (saver, claims, clock) = (new RunSaver(journal, run), new DeviceClaims(services.Pool), new WallClock(services.Time));
        began = services.Time.GetTimestamp();
        alarm = services.Time.CreateTimer(_ => Post(new RunInput.Tick()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Since the loop was made.</summary>
    private TimeSpan Now => services.Time.GetElapsedTime(began);

    private Moment At => new(Now, services.Time.GetUtcNow().UtcDateTime);

    /// <param name="history">What a former coordinator has stored of the run.</param>
    public static RunLoop Open(RunJournal journal, RunSettings settings, RunServices services, RunHistory history)
    {
        var run = RunStart.Restore(journal, settings, services, history);
        var loop = new RunLoop(journal, run, services);
        foreach (var replica in run.Roster.All)
            loop.effects.Register(replica, run.Roster.RowOf(replica));
        // Members that were in their rendezvous have lost its values, and report that.
        if (run.Generation is { } generation)
            services.Rendezvous.Open(run.RunId, generation.Number);
        loop.claims.Enter(run, services.Time.GetUtcNow().UtcDateTime);
        return loop;
    }

    /// <summary>Never blocks. False: the loop has ended.</summary>
    public bool Post(RunInput input) => inputs.Writer.TryWrite(input);

    public void Dispose() => alarm.Dispose();

    /// <summary>Ends when the run has ended, or the coordinator does; its replicas then train on until the next one takes over.</summary>
    /// <exception cref="TermOverException">Another coordinator leads the run.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        void OnDevicesChanged() => Post(new RunInput.DevicesChanged());
        services.Pool.Changed += OnDevicesChanged;
        try
        {
            await ActAsync(cancel);
            while (!run.HasEnded)
            {
                var input = await inputs.Reader.ReadAsync(cancel);
                if (Renew(due ?? Now) is { } paused)
                    run.Incidents.OnPause(paused, run);
                do
                    Apply(input);
                while (inputs.Reader.TryRead(out input!));
                await ActAsync(cancel);
            }
        }
        catch (Exception bug) when (bug is not (OperationCanceledException or TermOverException))
        {
            effects.AskAllToLeave("no coordinator leads this run any longer");
            effects.ReleaseAll();
            throw;
        }
        finally
        {
            services.Pool.Changed -= OnDevicesChanged;
            services.Pool.Forget(run.RunId);
            inputs.Writer.TryComplete();
        }
    }

    private void Apply(RunInput input)
    {
        if (input is not RunInput.Tick)
            saver.OnInput();
        foreach (var action in run.Take(input, Now))
            Decide(action);
    }

    private void Decide(RunAction action)
    {
        run.Apply(action, At);
        decided.Add(action);
    }

    /// <summary>Repeats until the policy returns no more actions; then sets the alarm.</summary>
    private async Task ActAsync(CancellationToken cancel)
    {
        if (clock.Set() is { } by)
            run.Incidents.OnClockSet(by, run);
        TimeSpan? wake = null, claimWake = null;
        bool mayClaim = true, isAtRest = false;
        for (int turn = 0; !isAtRest && !run.HasEnded; turn++)
        {
            if (turn == MaxTurns)
                throw new InvalidOperationException($"The rules of run {run.RunId} do not come to rest.");
            run.Observe(Now);
            if (mayClaim)
                claimWake = Decide(claims.Next(run, At));
            wake = Decide(RunPolicy.Next(new RunSituation(run, Now, services.Options, ReceivesFromOthers, () => services.Pool.Closed)));
            await SaveAsync(cancel);
            isAtRest = decided.Count == 0;
            mayClaim = decided.Exists(action => action is RunAction.Release or RunAction.EndTakeover or RunAction.BeginAttempt);
            await PerformAsync(cancel);
        }
        effects.Answer();
        SetAlarm(Earliest(wake, Earliest(claimWake, saver.Due)));
    }

    /// <returns>When to ask again without an input; null: never.</returns>
    private TimeSpan? Decide(IEnumerable<RunAction> actions)
    {
        TimeSpan? wake = null;
        foreach (var action in actions)
        {
            if (action is RunAction.WakeAt { Moment: var moment })
                wake = Earliest(wake, moment);
            else
                Decide(action);
        }
        return wake;
    }

    private async Task SaveAsync(CancellationToken cancel)
    {
        var from = Now;
        if (!await saver.SaveAsync(decided.Exists(action => action is RunAction.Confirm or RunAction.RecountSteps), from, cancel))
            return;
        Renew(from); // where it waited for the store
        saver.OnShown(Now);
        Decide(run.Acknowledgements());
    }

    private async Task PerformAsync(CancellationToken cancel)
    {
        if (decided.Count == 0)
            return;
        RunAction[] durable = [.. decided];
        decided.Clear();
        foreach (var result in effects.Perform(durable))
            Apply(result);
        if (durable.Any(action => action is RunAction.RecountSteps))
            Apply(new RunInput.StepsRecounted(await journal.UsefulSecondsAsync(cancel)));
    }

    private bool ReceivesFromOthers(IEnumerable<string> hosts) => services.Hosts.ReceivesFromOthers(hosts, services.Options.ReplicaLease);

    private void SetAlarm(TimeSpan? moment)
    {
        due = moment is null || moment > Now ? moment : Now;
        alarm.Change(due - Now ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <param name="from">When this loop should have run.</param>
    /// <returns>How long this coordinator paused; null: it did not.</returns>
    private TimeSpan? Renew(TimeSpan from)
    {
        if (PauseDetector.Find(from, Now, services.Options.ReplicaLease) is not { } paused)
            return null;
        LogPause(run.RunId, paused.TotalSeconds);
        run.RenewLeases(Now, paused);
        services.Hosts.OnPaused();
        return paused;
    }

    private static TimeSpan? Earliest(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other ?? one : one;

    [LoggerMessage(Level = LogLevel.Warning, EventName = "CoordinatorPaused",
        Message = "This coordinator paused for {Seconds:0.0} s (stopped, starved or waiting for its store); run {RunId} renews its "
            + "leases.")]
    private partial void LogPause(string runId, double seconds);
}
