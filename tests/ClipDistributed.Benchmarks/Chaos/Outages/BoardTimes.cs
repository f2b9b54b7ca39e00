using ClipDistributed.Contracts.Runs;
using ClipDistributed.Training.TensorBoard;

namespace ClipDistributed.Benchmarks.Chaos.Outages;

/// <summary>When each step was written for TensorBoard, by the wall clock: the only times that remain where the run's files stand
/// still.</summary>
internal static class BoardTimes
{
    private const byte WallTime = 0x09; // field 1 of an event, a double: seconds since 1970

    /// <summary>In the order of steps.</summary>
    public static IReadOnlyList<(long Step, DateTime At)> Of(RunDirectory directory)
    {
        var times = new SortedDictionary<long, DateTime>();
        foreach (string path in Directory.GetFiles(directory.TensorBoard).Order(StringComparer.Ordinal))
        {
            using var file = File.OpenRead(path);
            while (RecordFrame.TryRead(file) is { } message)
            {
                if (message[0] == WallTime && BoardEvent.StepOf(message) > 0)
                    times.TryAdd(BoardEvent.StepOf(message), DateTime.UnixEpoch.AddSeconds(BitConverter.ToDouble(message, 1)));
            }
        }
        return [.. times.Select(time => (time.Key, time.Value))];
    }
}
