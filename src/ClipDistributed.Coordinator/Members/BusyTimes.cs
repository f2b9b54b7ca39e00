namespace ClipDistributed.Coordinator.Members;

/// <summary>Quartiles of a replica's last step times without waiting for others, seconds.</summary>
internal readonly record struct BusyTimes(double Low, double Median, double High)
{
    public static BusyTimes Of(IReadOnlyCollection<double> seconds)
    {
        double[] sorted = [.. seconds.Order()];
        return new BusyTimes(sorted[sorted.Length / 4], sorted[sorted.Length / 2], sorted[3 * sorted.Length / 4]);
    }
}
