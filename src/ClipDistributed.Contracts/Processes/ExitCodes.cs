namespace ClipDistributed.Contracts.Processes;

/// <summary>What the exit code of clipd and clipd-replica means; Kubernetes' retry rules rely on it.</summary>
public static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;

    /// <summary>The input cannot be used; trying again gives the same.</summary>
    public const int BadInput = 2;

    public const int Unavailable = 3;

    /// <summary>Stopped with its state saved; the same command with --resume goes on.</summary>
    public const int Resumable = 75;

    /// <summary>Ctrl-C; what could be saved is saved.</summary>
    public const int Interrupted = 130;
}
