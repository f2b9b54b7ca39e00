using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Runs;
using CsCheck;

namespace ClipDistributed.Coordinator.Tests.Runs;

public class SharedRecordsTests
{
    [Fact]
    public void After_AnySequence_IsWhatFollowsOrNothingThatIsMissing() =>
        Gen.Select(Gen.Int[0, 20], Gen.Long[0, 50], Gen.Int[0, 40], Gen.Long[0, 120])
            .Sample(
                (most, before, count, after) =>
                {
                    var shared = new SharedRecords(most, before);
                    for (long sequence = before + 1; sequence <= before + count; sequence++)
                        shared.Add(new RunRecord { Sequence = sequence });
                    long last = before + count,
                        oldest = last - Math.Min(count, most) + 1;
                    long[]? expected =
                        after >= last ? []
                        : after + 1 >= oldest ? [.. Enumerable.Range(1, (int)(last - after)).Select(i => after + i)]
                        : null;
                    Assert.Equal(expected, shared.After(after)?.Select(record => record.Sequence));
                }
            );

    [Fact]
    public void Clear_ReadersInTheMiddle_AreSentToTheStore()
    {
        var shared = new SharedRecords(10, before: 0);
        for (long sequence = 1; sequence <= 3; sequence++)
            shared.Add(new RunRecord { Sequence = sequence });
        shared.Clear();
        Assert.Null(shared.After(1));
        Assert.Equal([], shared.After(3)!);
    }
}
