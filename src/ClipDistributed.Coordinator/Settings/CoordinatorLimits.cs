namespace ClipDistributed.Coordinator.Settings;

/// <summary>How much hosts, replicas and watchers may ask of a coordinator: far more than they need.</summary>
public sealed record CoordinatorLimits
{
    /// <summary>Of one request of a client; specs are far smaller.</summary>
    public int MessageBytes { get; init; } = 16 << 20;

    /// <summary>Of one message of a host or a replica.</summary>
    public int MemberMessageBytes { get; init; } = 4 << 20;

    /// <summary>Open at the same time; null: as many as the limit of open files (ulimit -n) leaves room for.</summary>
    public int? Connections { get; init; }

    /// <summary>Of one connection at the same time.</summary>
    public int CallsPerConnection { get; init; } = 100;

    /// <summary>A connection without a call is closed after so long; the client opens another for its next call.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the handshake of TLS may take.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Runs of one owner of tokens that have not ended.</summary>
    public int ActiveRunsPerOwner { get; init; } = 1_000;

    /// <summary>
    /// Records of a run that are kept, its steps not counted; what replicas send beyond that the run directory alone has.
    /// </summary>
    public int RecordsPerRun { get; init; } = 100_000;

    /// <summary>Characters of a host's name and of what else it reports about itself: versions, devices, addresses.</summary>
    public int NameLength { get; init; } = 253;

    /// <summary>Connected at the same time.</summary>
    public int Hosts { get; init; } = 10_000;

    /// <summary>Lost hosts that are still shown; of more, the one that was lost first is forgotten.</summary>
    public int LostHosts { get; init; } = 1_000;

    /// <summary>How long a lost host is shown.</summary>
    public TimeSpan LostHostAge { get; init; } = TimeSpan.FromDays(7);

    public int DevicesPerHost { get; init; } = 1_024;

    /// <summary>Submissions whose request ids are known; of more, the oldest are forgotten.</summary>
    public int RequestIds { get; init; } = 10_000;

    /// <summary>How long they are known.</summary>
    public TimeSpan RequestIdAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Characters of the human-readable text in one message of a host or a replica: an error, a line of a log; more is cut.
    /// </summary>
    public int TextLength { get; init; } = 16_384;

    /// <summary>Bytes of one record of a replica; a larger one is replaced by a notice.</summary>
    public int RecordBytes { get; init; } = 256 << 10;

    public int RendezvousKeyLength { get; init; } = 256;

    public int RendezvousValueBytes { get; init; } = 64 << 10;

    /// <summary>Of one generation: each replica needs a few.</summary>
    public int RendezvousKeys { get; init; } = 65_536;

    /// <summary>Of all values of one generation.</summary>
    public int RendezvousBytes { get; init; } = 64 << 20;

    /// <summary>Calls that watch runs, or read their logs and files, at the same time.</summary>
    public int Watchers { get; init; } = 1_000;

    /// <summary>How long such a call may read no message before it is ended; the caller can go on from there.</summary>
    public TimeSpan WatcherTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Of the image of a question to a model.</summary>
    public int QuestionImageBytes { get; init; } = 8 << 20;

    /// <summary>Captions of a question to a model, and entries of each list in its answer.</summary>
    public int QuestionCaptions { get; init; } = 100;

    /// <summary>Characters of one of them.</summary>
    public int QuestionCaptionLength { get; init; } = 1_000;

    /// <summary>How long a host may take to answer a question to a model, which it may have to load first.</summary>
    public TimeSpan QuestionTime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long after that it may take to report so.</summary>
    public TimeSpan QuestionMargin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Tokens, revoked and expired ones of the last month too.</summary>
    public int Tokens { get; init; } = 10_000;

    /// <summary>Entries of the audit, of changes, of refused calls and of refused log-ins each; older ones are deleted.</summary>
    public int AuditEntries { get; init; } = 100_000;

    /// <summary>Log-ins of one address that may be refused in a row; further ones are refused unheard.</summary>
    public int FailedLogIns { get; init; } = 10;

    /// <summary>After so long an address has one more of them.</summary>
    public TimeSpan FailedLogInPeriod { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>The newest records of a run, which all its watchers share in memory; older ones are read from the store.</summary>
    public int SharedRecords { get; init; } = 1_000;

    /// <summary>How often the steps of active runs are summed up for questions about them.</summary>
    public TimeSpan RollupInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Of one file of what a replica printed; a full one is kept beside its successor.</summary>
    public int ReplicaLogBytes { get; init; } = 4 << 20;

    /// <summary>Of what all replicas of a run printed; over it the oldest files go.</summary>
    public int RunLogBytes { get; init; } = 256 << 20;

    internal void Check(List<string> errors)
    {
        AtLeast(1024, nameof(MessageBytes), MessageBytes);
        AtLeast(1024, nameof(MemberMessageBytes), MemberMessageBytes);
        foreach (
            var (name, value) in ((string, int)[])
                [
                    (nameof(NameLength), NameLength),
                    (nameof(Hosts), Hosts),
                    (nameof(ActiveRunsPerOwner), ActiveRunsPerOwner),
                    (nameof(RecordsPerRun), RecordsPerRun),
                    (nameof(DevicesPerHost), DevicesPerHost),
                    (nameof(TextLength), TextLength),
                    (nameof(RecordBytes), RecordBytes),
                    (nameof(RendezvousKeyLength), RendezvousKeyLength),
                    (nameof(RendezvousValueBytes), RendezvousValueBytes),
                    (nameof(RendezvousKeys), RendezvousKeys),
                    (nameof(RendezvousBytes), RendezvousBytes),
                    (nameof(Watchers), Watchers),
                    (nameof(Tokens), Tokens),
                    (nameof(AuditEntries), AuditEntries),
                    (nameof(FailedLogIns), FailedLogIns),
                    (nameof(ReplicaLogBytes), ReplicaLogBytes),
                    (nameof(RunLogBytes), RunLogBytes),
                    (nameof(RequestIds), RequestIds),
                    (nameof(QuestionImageBytes), QuestionImageBytes),
                    (nameof(QuestionCaptions), QuestionCaptions),
                    (nameof(QuestionCaptionLength), QuestionCaptionLength),
                ]
        )
            AtLeast(1, name, value);
        AtLeast(1, nameof(CallsPerConnection), CallsPerConnection);
        if (Connections is { } connections)
            AtLeast(1, nameof(Connections), connections);
        else if (OpenFileLimit.Current < OpenFileLimit.Min)
            errors.Add(
                $"This process may have {OpenFileLimit.Current} files open, and a coordinator needs {OpenFileLimit.Min} or more; "
                    + $"raise the limit before it is started (ulimit -n)."
            );
        if (LostHostAge <= TimeSpan.Zero)
            errors.Add($"Limits.LostHostAge is {LostHostAge}; use more than 00:00:00.");
        if (RequestIdAge <= TimeSpan.Zero)
            errors.Add($"Limits.RequestIdAge is {RequestIdAge}; use more than 00:00:00.");
        if (QuestionTime < TimeSpan.FromSeconds(1) || QuestionTime > TimeSpan.FromHours(1))
            errors.Add($"Limits.QuestionTime is {QuestionTime}; use 00:00:01 to 01:00:00.");
        if (IdleTimeout <= TimeSpan.Zero)
            errors.Add($"Limits.IdleTimeout is {IdleTimeout}; use more than 00:00:00.");
        if (HandshakeTimeout <= TimeSpan.Zero)
            errors.Add($"Limits.HandshakeTimeout is {HandshakeTimeout}; use more than 00:00:00.");
        AtLeast(0, nameof(LostHosts), LostHosts);
        AtLeast(0, nameof(SharedRecords), SharedRecords);
        if (WatcherTimeout <= TimeSpan.Zero)
            errors.Add($"Limits.WatcherTimeout is {WatcherTimeout}; use more than 00:00:00.");
        if (FailedLogInPeriod <= TimeSpan.Zero)
            errors.Add($"Limits.FailedLogInPeriod is {FailedLogInPeriod}; use more than 00:00:00.");
        if (RollupInterval <= TimeSpan.Zero)
            errors.Add($"Limits.RollupInterval is {RollupInterval}; use more than 00:00:00.");
        if (RecordBytes > MemberMessageBytes)
            errors.Add($"Limits.RecordBytes is {RecordBytes}, more than Limits.MemberMessageBytes {MemberMessageBytes}; lower it.");

        void AtLeast(int min, string name, int value)
        {
            if (value < min)
                errors.Add($"Limits.{name} is {value}; use {min} or more.");
        }
    }
}
