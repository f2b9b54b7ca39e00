using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.PoisonRows;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Data.Streams;
using Generation = ClipDistributed.Coordinator.Generations.Generation;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>
/// An action on a run. Each is applied to the run's state when it is decided, and performed when the state is durable.
/// </summary>
internal abstract record RunAction
{
    /// <summary>No action, but the rules are to be evaluated again then.</summary>
    internal sealed record WakeAt(TimeSpan Moment) : RunAction;

    internal sealed record SetState(RunState State, string Reason) : RunAction;

    /// <summary>A record with a human-readable notice.</summary>
    internal sealed record AddNotice(string Text) : RunAction;

    /// <summary>A file of the run cannot be used.</summary>
    internal sealed record RefuseInput(string Reason) : RunAction;

    /// <summary>Too few replicas wait for others from now on.</summary>
    internal sealed record BeginWaiting : RunAction;

    /// <summary>The coordinator itself stops the run.</summary>
    internal sealed record StopRun(string Cause) : RunAction;

    /// <summary>It saves, pauses, and waits for devices again.</summary>
    /// <param name="By">The run that gets its devices.</param>
    internal sealed record Preempt(RunNeed By) : RunAction;

    /// <summary>It is saved, or there is nothing to save: its replicas are to leave.</summary>
    /// <param name="Step">The last applied one, as far as it is known.</param>
    /// <param name="IsLoss">It was to be saved, and is lost.</param>
    internal sealed record BeginPause(long Step, string Reason, bool IsLoss = false) : RunAction;

    /// <summary>Its replicas have left: it has no devices until it is resumed, or returns by itself.</summary>
    internal sealed record PauseRun : RunAction;

    /// <summary>An attempt that begins at the checkpoint is noted in the run's directory.</summary>
    internal sealed record BeginAttempt(RollBack From) : RunAction;

    /// <summary>The time of new steps is added up from the records.</summary>
    internal sealed record RecountSteps : RunAction;

    /// <summary>A former coordinator's replicas have reconnected, or their time is over.</summary>
    internal sealed record EndTakeover(int Back) : RunAction;

    /// <param name="Step">The last applied one, as far as it is known.</param>
    internal sealed record BeginEnding(RunState State, string Reason, long Step) : RunAction;

    /// <summary>All replicas are asked to leave.</summary>
    internal sealed record AnnounceRunEnd : RunAction;

    /// <summary>Those that have not left are killed.</summary>
    internal sealed record KillRun : RunAction;

    internal sealed record EndRun : RunAction;

    /// <param name="Reason">Why these devices, human-readable.</param>
    internal sealed record PlaceRun(DeviceKind Kind, int Devices, string Reason) : RunAction;

    internal sealed record Launch(Replica Replica, ReplicaRow Row, LaunchReplica Message) : RunAction;

    /// <summary>It is lost for the run.</summary>
    /// <param name="Evidence">As in <c>sent no heartbeat for 3.0 s</c>.</param>
    /// <param name="IsExcused">That is not a failure of its host.</param>
    internal sealed record Lose(Replica Replica, string Evidence, LossCause Cause = LossCause.Evicted, bool IsExcused = false) : RunAction;

    /// <summary>It is asked to leave.</summary>
    /// <param name="IsReason">That is why the next generation begins.</param>
    internal sealed record Dismiss(Replica Replica, string Reason, bool IsReason) : RunAction;

    internal sealed record Kill(Replica Replica) : RunAction;

    /// <summary>Its device is free for others.</summary>
    /// <param name="Failure">Cause of the failure to record for its host, the same for losses that belong together; null: none.</param>
    /// <param name="DeviceFailure">Of one to record for its device alone; null: none.</param>
    /// <param name="DeviceFault">Why its device cannot be used at all; null: it can.</param>
    internal sealed record Release(
        Replica Replica, string? Failure, string? DeviceFailure, string? DeviceFault, bool IsStartupFailure) : RunAction;

    /// <summary>The members of the generation wait for each other.</summary>
    internal sealed record ReportStuck(string Reason) : RunAction;

    /// <summary>Its members are to abort the group.</summary>
    /// <param name="IsIncident">It is described when all have reported.</param>
    internal sealed record BreakGeneration(bool IsIncident) : RunAction;

    internal sealed record AnnounceGenerationEnd(Replica Replica, string Reason) : RunAction;

    /// <summary>Its rendezvous is closed.</summary>
    internal sealed record CloseRendezvous : RunAction;

    /// <summary>All live members have reported their outcome.</summary>
    /// <param name="Reason">The evidence; empty where nothing went wrong.</param>
    /// <param name="Next">Why the next generation begins where nothing went wrong.</param>
    internal sealed record SettleGeneration(string Reason, string Next = "") : RunAction;

    /// <summary>The generation has come to the run's end, after an incident that was not explained yet.</summary>
    internal sealed record ExplainIncident(string Reason) : RunAction;

    internal sealed record AnnounceGeneration(Generation Generation, string Reason) : RunAction;

    internal sealed record OrderCommand(CommandKind Kind) : RunAction;

    internal sealed record SendCommand(Replica Replica, Command Command) : RunAction;

    internal sealed record Assign(Replica Replica, Assignment Assignment) : RunAction;

    /// <param name="Change">Null: the shares stay as they are.</param>
    internal sealed record ReviewShares(long Applied, ShareChange? Change) : RunAction;

    /// <summary>Its records up to a number are durable.</summary>
    internal sealed record Acknowledge(Replica Replica, long Generation, long Number) : RunAction;

    internal sealed record StartTrial(RowTrial Trial, LaunchReplica Message) : RunAction;

    /// <summary>It took too long.</summary>
    internal sealed record TimeOutTrial(RowTrial Trial) : RunAction;

    internal sealed record ForgetTrial(string TrialId) : RunAction;

    /// <param name="Running">Null: no process runs.</param>
    internal sealed record AbandonSearch(RowTrial? Running) : RunAction;

    /// <param name="Summary">Of what was found.</param>
    internal sealed record ConcludeSearch(IReadOnlyList<SampleId> Found, string Summary, string Notice) : RunAction;

    /// <summary>An evicted replica has connected.</summary>
    internal sealed record AnswerLeave(ReplicaLink Link, string Reason) : RunAction;

    /// <summary>The request is durable.</summary>
    internal sealed record Confirm(TaskCompletionSource Done) : RunAction;

    internal sealed record Refuse(TaskCompletionSource Done, string Reason) : RunAction;

    /// <summary>The request itself cannot be used.</summary>
    internal sealed record RefuseRequest(TaskCompletionSource Done, BadInputException Wrong) : RunAction;

    internal sealed record ReportReturn(Replica Replica, Hello Hello) : RunAction;

    internal sealed record ReportFailure(Replica Replica, long Generation, Failure Failure) : RunAction;
}
