using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.PoisonRows;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Rules;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Data.Samples;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;
using ToHost = ClipDistributed.Contracts.Host.V1.ConnectResponse;
using ToReplica = ClipDistributed.Contracts.Replica.V1.ConnectResponse;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>
/// Performs actions: sends messages, launches and kills processes, releases devices, writes log lines. Only durable decisions are
/// performed.
/// It reads the run's state and does not change it; the result of an action is an input.
/// </summary>
/// <param name="post">Receives events of the run's replicas; never blocks.</param>
internal sealed partial class RunEffects(ActiveRun run, RunServices services, Action<ReplicaEvent> post)
{
    private readonly List<RunInput> results = [];
    private readonly List<TaskCompletionSource> confirmed = [];

    /// <returns>Their results.</returns>
    public IReadOnlyList<RunInput> Perform(IEnumerable<RunAction> actions)
    {
        results.Clear();
        foreach (var action in actions)
            Perform(action);
        return [.. results];
    }

    /// <summary>Answers requests: they are durable, and what follows from them at once is done.</summary>
    public void Answer()
    {
        confirmed.ForEach(request => request.TrySetResult());
        confirmed.Clear();
    }

    /// <summary>A replica whose calls are to be accepted, and whose device is taken.</summary>
    public void Register(Replica replica, ReplicaRow row)
    {
        string host = replica.Device.Host;
        var credential = row.SecretHash.Length > 0 ? new ReplicaCredential(row, services.Options.SecretLifetime, services.Time) : null;
        services.Replicas.Add(replica.ReplicaId, run.RunId, host, credential, post);
        services.Pool.Occupy(replica.Device, run.RunId, replica.ReplicaId);
        if (services.Pool.IsDrained(host))
            post(new ReplicaEvent.HostDrained(replica.ReplicaId, IsDrained: true, Grace: null));
    }

    /// <summary>Releases all replicas: their devices are free, and their events are dropped.</summary>
    public void ReleaseAll()
    {
        foreach (var replica in run.Roster.All)
        {
            services.Replicas.Remove(replica.ReplicaId);
            services.Pool.Release(replica.Device, replica.ReplicaId);
        }
    }

    public void AskAllToLeave(string reason)
    {
        foreach (var replica in run.Roster.All)
            replica.Link?.Send(new ToReplica { Leave = new Leave { Reason = reason } });
    }

    private void Perform(RunAction action)
    {
        switch (action) // actions that are not listed here or below have no effect
        {
            case Launch launch:
                Register(launch.Replica, launch.Row);
                if (!services.Hosts.Send(launch.Replica.Device.Host, new ToHost { LaunchReplica = launch.Message }))
                    results.Add(new RunInput.LaunchFailed(launch.Replica.ReplicaId));
                break;
            case Dismiss { Replica.IsLinked: true } dismiss:
                Send(dismiss.Replica, new ToReplica { Leave = new Leave { Reason = dismiss.Reason } });
                break;
            case Dismiss dismiss:
                Kill(dismiss.Replica);
                break;
            case Kill kill:
                Kill(kill.Replica);
                break;
            case Release release:
                Release(release);
                break;
            case BreakGeneration or CloseRendezvous:
                services.Rendezvous.Close(run.RunId, run.GenerationNumber);
                break;
            case AnnounceGenerationEnd end:
                var over = new EndGeneration { Generation = run.GenerationNumber, Reason = end.Reason };
                Send(end.Replica, new ToReplica { EndGeneration = over });
                break;
            case AnnounceGeneration announce:
                Announce(announce);
                break;
            case SendCommand send:
                Send(send.Replica, new ToReplica { Command = send.Command });
                break;
            case Assign assign:
                Send(assign.Replica, new ToReplica { Assignment = assign.Assignment });
                break;
            case Acknowledge acknowledge:
                var persisted = new RecordsPersisted { Generation = acknowledge.Generation, Number = acknowledge.Number };
                Send(acknowledge.Replica, new ToReplica { RecordsPersisted = persisted });
                break;
            case AnswerLeave answer:
                answer.Link.Send(new ToReplica { Leave = new Leave { Reason = answer.Reason } });
                break;
            case Confirm confirm:
                confirmed.Add(confirm.Done);
                break;
            case Refuse refuse:
                refuse.Done.TrySetException(RequestRefusedException.WrongState(refuse.Reason));
                break;
            case RefuseRequest refuse:
                refuse.Done.TrySetException(refuse.Wrong);
                break;
            default:
                PerformForRun(action);
                break;
        }
        Log(action);
    }

    private void PerformForRun(RunAction action)
    {
        switch (action)
        {
            case Preempt { By.RunId: var by }:
                services.Pool.OnPreempted(run.RunId, by);
                break;
            case StartTrial start:
                services.Replicas.Add(start.Trial.Id, run.RunId, start.Trial.Host, credential: null, post);
                if (!services.Hosts.Send(start.Trial.Host, new ToHost { LaunchReplica = start.Message }))
                    results.Add(new RunInput.LaunchFailed(start.Trial.Id));
                break;
            case TimeOutTrial { Trial: var trial }:
                Stop(trial);
                break;
            case AbandonSearch { Running: { } trial }:
                Stop(trial);
                break;
            case BeginAttempt begin:
                BeginAttempt(begin.From);
                break;
            case ForgetTrial forget:
                services.Replicas.Remove(forget.TrialId);
                break;
            case ConcludeSearch { Found.Count: > 0 }:
                SavePoisonRows();
                break;
            case AnnounceRunEnd:
                AskAllToLeave(run.Ending!.Reason == "" ? "the run is done" : run.Ending.Reason);
                foreach (var replica in run.Roster.All.Where(replica => replica is { Link: null, IsGone: false }))
                    Kill(replica); // it still loads, and has no link yet
                break;
            case KillRun:
                foreach (var replica in run.Roster.All.Where(replica => !replica.IsGone))
                    Kill(replica);
                break;
            case EndRun:
                ReleaseAll();
                // After that: a host that reconnected during the save still runs it, one that reconnects later gets it in its welcome.
                foreach (var replica in run.Roster.All.Where(replica => replica.Exit is null))
                    Kill(replica);
                break;
        }
    }

    private void Announce(AnnounceGeneration announce)
    {
        var next = announce.Generation;
        services.Rendezvous.Open(run.RunId, next.Number);
        services.Pool.OnComputes(run.RunId);
        foreach (var (member, message) in next.Announcements(announce.Reason, run.PoisonRows.Rows.Select(SearchRules.ToMessage)))
            Send(member, new ToReplica { StartGeneration = message });
    }

    private void Kill(Replica replica)
    {
        LogKill(replica.ReplicaId, replica.Device.Host);
        Kill(replica.Device.Host, replica.ReplicaId);
    }

    private void Stop(RowTrial trial)
    {
        Kill(trial.Host, trial.Id);
        services.Replicas.Remove(trial.Id);
    }

    private void Kill(string host, string replicaId) =>
        services.Hosts.Send(host, new ToHost { KillReplica = new KillReplica { ReplicaId = replicaId } });

    /// <summary>Before any replica reads a checkpoint.</summary>
    private void BeginAttempt(RollBack from)
    {
        try
        {
            var claim = new WriterClaim(run.RunId, run.GenerationNumber, run.Launched + 1); // those that have left have no better one
            results.Add(new RunInput.RolledBack(services.Attempts.Begin(run.RunDirectory, claim, from)));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or BadInputException)
        {
            results.Add(new RunInput.RollBackFailed(failed.Message.TrimEnd('.')));
        }
    }

    /// <summary>Before any replica trains without them.</summary>
    private void SavePoisonRows()
    {
        var directory = new Contracts.Runs.RunDirectory(run.RunDirectory);
        try
        {
            PoisonRowsFile.Save(directory, run.PoisonRows.Rows);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            results.Add(new RunInput.PoisonRowsNotSaved(directory.PoisonRows, failed.Message));
        }
    }

    private static void Send(Replica replica, ToReplica message) => replica.Link!.Send(message);
}
