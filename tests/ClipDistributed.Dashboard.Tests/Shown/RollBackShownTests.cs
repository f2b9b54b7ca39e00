using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Dashboard.Feeds;
using ClipDistributed.Dashboard.Shown;

namespace ClipDistributed.Dashboard.Tests.Shown;

public sealed class RollBackShownTests
{
    private readonly RunDetail detail = new(new Run { Step = 2_000 })
    {
        Spec = new TrainingSpec { Batch = new BatchSpec { Global = 32 } },
        Speed = new RunSpeed(64, 0.5, new Dictionary<string, double>()),
    };

    [Fact]
    public void Consequence_EarlierStep_NamesWhatIsAbandoned() => Assert.Equal(
        "Steps 1,501 to 2,000 are abandoned: 500 steps, 16 k samples, about 4 min 10 s of computing. "
            + "The run saves, then goes on with step 1,501 as a new attempt.",
        RollBackShown.Consequence(detail, new Checkpoint { Attempt = 1, Step = 1_500 }));

    [Fact]
    public void Consequence_OtherCases_SayWhatHappens()
    {
        string one = RollBackShown.Consequence(detail, new Checkpoint { Step = 1_999 });
        string none = RollBackShown.Consequence(detail, new Checkpoint { Step = 2_000 });
        Assert.Contains("Step 2,000 is abandoned", one, StringComparison.Ordinal);
        Assert.Contains("nothing is abandoned", none, StringComparison.Ordinal);
        Assert.Contains(
            "leaves its line of steps",
            RollBackShown.Consequence(detail, new Checkpoint { Attempt = 1, Step = 2_400, Abandoned = true }),
            StringComparison.Ordinal);
    }
}
