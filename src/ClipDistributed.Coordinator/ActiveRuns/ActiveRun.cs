using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.PoisonRows;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>
/// All that changes while a coordinator leads a run. Only <see cref="RunInputs"/> and <see cref="RunTransitions"/> write it, with
/// <see cref="RunRequests"/>, <see cref="RollBacks"/> and <see cref="PauseTransitions"/>, their parts; what the store holds is made
/// from it. Belongs to the run's loop.
/// </summary>
internal sealed class ActiveRun
{
    /// <summary>Generations in a row without progress, after which the run fails.</summary>
    public const int MaxGenerationsWithoutProgress = 10;

    /// <summary>Startup failures in a row, after which the run fails.</summary>
    public const int MaxStartupFailures = 3;

    private readonly RunRow begun; // its names and dates of submission do not change

    /// <param name="row">As it was stored last.</param>
    /// <param name="poisonRows">As the run's directory holds them.</param>
    /// <param name="news">Changes to be stored besides the run's row.</param>
    public ActiveRun(RunRow row, RunSettings settings, PoisonRowSearch poisonRows, RunIncidents incidents, RunNews news, RecordLog records)
    {
        (begun, Settings, PoisonRows, Incidents, News, Records) = (row, settings, poisonRows, incidents, news, records);
        Shares = new ShareRebalancer(settings.ShareUnit, settings.RebalanceAbove);
        (State, Reason, Kind, Stop) = (row.State, row.Reason, row.Kind, StopRequest.Of(row.StopRequest));
        Need = row.MinReplicas == 0 ? settings.Need : settings.Need with { Min = row.MinReplicas, Max = row.MaxReplicas };
        HasLostUnsaved = row.PausedSince is not null && UnsavedLoss.IsIn(row);
        RollBack = RollBack.Of(row);
        Preemption = PreemptionHistory.Of(row);
        (Pause, PausedSince) = (StoredPause.Of(row.PauseRequest), row.PausedSince);
        Checkpoint = row.CheckpointRequested ? CheckpointRequest.Requested : CheckpointRequest.None;
        Ending = row.EndState == RunState.Unspecified ? null : new Ending(row.EndState, row.EndReason, TimeSpan.Zero);
        (GenerationNumber, GenerationSize, Launched) = (row.Generation, row.Replicas, row.Launched);
        (Step, Attempt, RecordedStep, Loss) = (row.Step, row.Attempt, row.RecordedStep, row.Loss);
        (Started, Ended) = (row.Started, row.Ended);
    }

    public RunSettings Settings { get; }

    public ReplicaRoster Roster { get; } = new();

    public PoisonRowSearch PoisonRows { get; }

    public ShareRebalancer Shares { get; }

    public RunIncidents Incidents { get; }

    public RunNews News { get; }

    public RecordLog Records { get; }

    public required Takeover Takeover { get; init; }

    /// <summary>Term of this coordinator.</summary>
    public required long Term { get; init; }

    /// <summary>What is wrong with a file in the run's directory; null: nothing.</summary>
    public string? Damage { get; set; }

    public RunState State { get; set; }

    public string Reason { get; set; }

    /// <summary>Kind of the devices that were assigned to it; unspecified: none yet.</summary>
    public DeviceKind Kind { get; set; }

    public StopRequest? Stop { get; set; }

    /// <summary>As it was scaled last.</summary>
    public RunNeed Need { get; set; }

    public PauseStage Pause { get; set; }

    /// <summary>When it was paused, UTC, until its next generation begins; null: it is not.</summary>
    public DateTime? PausedSince { get; set; }

    /// <summary>When it was paused, or made way, its last steps were lost; until its next generation begins.</summary>
    public bool HasLostUnsaved { get; set; }

    public PreemptionHistory Preemption { get; set; }

    /// <summary>Null: it is not to be rolled back.</summary>
    public RollBack? RollBack { get; set; }

    public CheckpointRequest Checkpoint { get; set; }

    /// <summary>Null: it goes on.</summary>
    public Ending? Ending { get; set; }

    /// <summary>The one that computes, or is being left; null: the next one is to be formed.</summary>
    public Generation? Generation { get; set; }

    /// <summary>Number of the newest generation; 0: none was announced.</summary>
    public long GenerationNumber { get; set; }

    /// <summary>Members of the newest generation.</summary>
    public int GenerationSize { get; set; }

    /// <summary>Why the next generation begins, human-readable; may be empty.</summary>
    public string NextReason { get; set; } = "";

    /// <summary>Generations in a row in which no step was applied.</summary>
    public int GenerationsWithoutProgress { get; set; }

    /// <summary>Replicas that were started over the whole run.</summary>
    public int Launched { get; set; }

    /// <summary>Since when too few replicas wait for others; null: they do not.</summary>
    public TimeSpan? WaitingSince { get; set; }

    /// <summary>The last step that all members of the newest generation have applied, as far as is known.</summary>
    public long Step { get; set; }

    /// <summary>The attempt that its last records belong to; 0: none yet.</summary>
    public long Attempt { get; set; }

    /// <summary>The last step of that attempt whose record was received.</summary>
    public long RecordedStep { get; set; }

    /// <summary>An attempt has begun from an earlier step: some steps are no longer part of the weights.</summary>
    public bool IsToRecount { get; set; }

    public double? Loss { get; set; }

    public DateTime? Started { get; set; }

    public DateTime? Ended { get; set; }

    public string RunId => begun.RunId;

    public string RunDirectory => begun.RunDirectory;

    /// <summary>The last step.</summary>
    public long Steps => begun.Steps;

    public bool HasDevices => Kind != DeviceKind.Unspecified;

    /// <summary>A generation was announced, since it was last paused.</summary>
    public bool HasComputed => GenerationNumber > 0 && PausedSince is null;

    /// <summary>Its replicas are to save what they hold and leave.</summary>
    public bool IsToSave => Stop is not null || Pause == PauseStage.Requested;

    public bool HasEnded => State.HasEnded();

    /// <summary>No step is computed until another generation begins.</summary>
    public bool IsBroken => Generation is null or { BrokenAt: not null };

    /// <summary>The state while a generation computes.</summary>
    public RunState ComputingState =>
        Stop is not null ? StopRequest.ToStored(Stop) : Pause == PauseStage.Requested ? RunState.Pausing : RunState.Running;

    /// <summary>Replicas that the run may start on further devices.</summary>
    public int MissingReplicas
    {
        get
        {
            if (Takeover.IsWaiting || Stop is not null || Pause != PauseStage.None || Ending is not null)
                return 0;
            if (Roster.StartupFailures >= MaxStartupFailures && !Roster.IsStateHeld)
                return 0; // the run fails
            return Need.Max - Roster.All.Count(replica => !replica.IsOfDrainedHost);
        }
    }

    /// <summary>There are changes to be stored besides the run's row.</summary>
    public bool HasNews => HasUrgentNews || News is not { Records.Count: 0, Released.Count: 0, Changed.Count: 0 };

    /// <summary>
    /// Changes that must be durable before actions are performed. Records and the cost of an incident can wait, and so can a release: it is
    /// stored with the replica that replaces it.
    /// </summary>
    public bool HasUrgentNews => News is not { Begun.Count: 0, Reshared.Count: 0, Launched.Count: 0, Opened.Count: 0 };

    /// <summary>How many of its records are steps; of attempts before this one as many as they can have.</summary>
    public long StepRecords => RecordedStep + Math.Max(0, Attempt - 1L) * begun.Steps;

    public bool IsMember(Replica replica) => Generation?.Has(replica) == true;

    /// <summary>Members that have not been notified of what is durable of their records.</summary>
    public IReadOnlyList<RunAction> Acknowledgements() => Generation is not { } generation ? [] :
    [
        .. generation.Members.Where(member => member.IsLinked && member.Seat.Persisted > member.Seat.Acknowledged)
            .Select(member => new RunAction.Acknowledge(member, generation.Number, member.Seat.Persisted)),
    ];

    /// <summary>The members of the generation as watchers see them.</summary>
    public IReadOnlyList<RunReplica> DescribeMembers() => Generation is { } generation ? [.. generation.Described()] : [];

    /// <summary>As it is to be stored.</summary>
    public RunRow ToRow()
    {
        var row = new RunRow
        {
            Place = begun.Place,
            RunId = begun.RunId,
            JobId = begun.JobId,
            Name = begun.Name,
            Number = begun.Number,
            RunDirectory = begun.RunDirectory,
            State = State,
            Reason = Reason,
            Generation = GenerationNumber,
            Step = Step,
            Steps = begun.Steps,
            Loss = Loss,
            Attempt = Attempt,
            RecordedStep = RecordedStep,
            Kind = Kind,
            Launched = Launched,
            Replicas = GenerationSize,
            StopRequest = StopRequest.ToStored(Stop),
            MinReplicas = Need.Min,
            MaxReplicas = Need.Max,
            PauseRequest = StoredPause.ToStored(Pause),
            PausedSince = PausedSince,
            PreemptedBy = Preemption.By ?? "",
            Preemptions = Preemption.Count,
            Returned = Preemption.Returned,
            RollBackAttempt = RollBack?.Attempt ?? 0,
            RollBackStep = RollBack?.Step ?? 0,
            RollBackResumes = RollBack?.Resumes == true,
            CheckpointRequested = Checkpoint != CheckpointRequest.None,
            EndState = Ending?.State ?? RunState.Unspecified,
            EndReason = Ending?.Reason ?? "",
            Submitted = begun.Submitted,
            Started = Started,
            Ended = Ended,
        };
        Incidents.WriteTo(row);
        return row;
    }
}
