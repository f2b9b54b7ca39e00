namespace ClipDistributed.Coordinator.Listening;

/// <summary>A feature of connections to the address that serves metrics alone.</summary>
internal sealed class MetricsPort
{
    public static readonly MetricsPort Instance = new();

    private MetricsPort()
    {
    }
}
