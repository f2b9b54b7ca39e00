using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Preparation;

namespace ClipDistributed.Data.Tests.Preparation;

public sealed class RunPreparationTests
{
    [Fact]
    public async Task Look_SeveralPathsThatLeadNowhere_ReportsThemTogether()
    {
        using var folder = await PreparedFolder.CreateAsync();
        var spec = folder.Spec();
        spec.Data.Train.Add(new SourceSpec { Path = "/nope1" });
        spec.Data.Train.Add(new SourceSpec { Path = "/nope2" });
        spec.Data.Validation.Add(new SourceSpec { Path = "/nope3" });
        spec.Model = new ModelSpec { InitFrom = "/nope4", Preset = "tiny" };
        spec.Evaluate = new EvaluateSpec { Zeroshot = new ZeroshotSpec { Classes = "/nope5", Templates = "/nope6" } };
        var errors = Assert.Throws<BadInputException>(() => RunPreparation.Look(spec)).Errors;
        Assert.Collection(
            errors,
            line => Assert.StartsWith("data.train[1].path: /nope1 ", line, StringComparison.Ordinal),
            line => Assert.StartsWith("data.train[2].path: /nope2 ", line, StringComparison.Ordinal),
            line => Assert.StartsWith("data.validation 'nope3'.path: /nope3 ", line, StringComparison.Ordinal),
            line => Assert.Contains("/nope4.", line, StringComparison.Ordinal),
            line => Assert.Contains("/nope5; expected a file with one class (or template) a line", line, StringComparison.Ordinal),
            line => Assert.Contains("/nope6; expected a file with one class (or template) a line", line, StringComparison.Ordinal));
    }
}
