using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.Reference;
using ClipDistributed.Contracts.Spec.V1;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Contracts.Tests.Spec.Reference;

/// <summary>The reference of the spec, made from the proto's comments and from what reader and validator declare.</summary>
public sealed class SpecReferenceTests
{
    private static readonly SpecReference Reference = SpecReference.Build();

    private static IEnumerable<FieldReference> Fields => Reference.Sections.SelectMany(section => section.Fields);

    [Fact]
    public void Sections_OfTheProto_HoldEveryFieldWithItsMeaning()
    {
        var messages = TrainingSpec.Descriptor.File.MessageTypes;
        Assert.Equal(messages.Sum(message => message.Fields.InDeclarationOrder().Count), Fields.Count());
        Assert.All(Reference.Sections, section => Assert.EndsWith(".", section.Meaning, StringComparison.Ordinal));
        Assert.All(Fields, field => Assert.EndsWith(".", field.Meaning, StringComparison.Ordinal));
        Assert.All(Fields.SelectMany(field => field.Choices), choice => Assert.EndsWith(".", choice.Meaning, StringComparison.Ordinal));
    }

    /// <summary>A number's comment has a line "Unit: steps." or "Unit: none."; nothing else has one.</summary>
    [Fact]
    public void Units_OfNumbersAlone_AreNamedInTheProto()
    {
        var comments = SpecComments.Read();
        var fields = TrainingSpec.Descriptor.File.MessageTypes.SelectMany(message => message.Fields.InDeclarationOrder());
        Assert.All(fields, field => Assert.Equal(
            (field.FullName, field.FieldType is FieldType.UInt32 or FieldType.UInt64 or FieldType.Double),
            (field.FullName, comments.GivenUnitOf(field) is not null)));
    }

    [Fact]
    public void Field_OfANumber_HasUnitRangeAndDefault()
    {
        var keep = Reference.Find("checkpoint.keep").Field!;
        Assert.Equal(("whole number", "checkpoints", "3"), (keep.Type, keep.Unit, keep.Default));
        Assert.Equal("a whole number from 1 to 4294967295", keep.Allowed);
        Assert.Equal("100_000_000", Reference.Find("limits.max_image_pixels").Field!.Default);
    }

    [Fact]
    public void Field_LeftToTheRun_SaysWhatIsChosen()
    {
        var block = Reference.Find("data.shuffle_block").Field!;
        Assert.Equal("auto", block.Default);
        Assert.NotNull(block.LeftOut);
        var weights = Reference.Find("model.init_from").Field!;
        Assert.Equal("none", weights.Default);
        Assert.NotNull(weights.LeftOut);
    }

    /// <summary>These are the values that ModelPreset holds.</summary>
    [Fact]
    public void Default_OfAPreset_IsNamedAsSuch() =>
        Assert.Equal(
            ["batch.global", "optimizer.beta2", "optimizer.eps", "optimizer.lr", "optimizer.warmup_steps", "samples"],
            Fields.Where(field => field.Default == DefaultTexts.OfPreset).Select(field => field.Path).Order(StringComparer.Ordinal));

    /// <summary>What the reference states itself is what validator and defaults do.</summary>
    [Fact]
    public void Default_StatedByTheReference_IsTrue()
    {
        Assert.Equal(
            ["data.train", "data.train[].path", "evaluate.zeroshot.classes", "evaluate.zeroshot.templates"],
            DefaultTexts.Stated.Where(stated => stated.Value == DefaultTexts.Required).Select(stated => stated.Key));
        string[] texts =
        [
            "name: a", "data: {train: [{}]}", "data: {train: [{path: a}], validation: [{path: b}]}\nevaluate: {zeroshot: {}}",
        ];
        string errors = string.Join('\n', texts.SelectMany(
            text => Assert.Throws<BadInputException>(() => SpecReader.ReadChecked(text, "spec")).Errors));
        Assert.All(
            ["data.train is", "data.train[0].path is", "zeroshot.classes is", "zeroshot.templates is"],
            missing => Assert.Contains(missing, errors, StringComparison.Ordinal));

        var full = SpecDefaults.Fill(SpecReader.ReadChecked("data: {train: [{path: a/b}]}\nreplicas: {min: 3}", "spec"));
        Assert.Equal(("run", "runs/run", "b", 3u), (full.Name, full.RunDirectory, full.Data.Train[0].Name, full.Replicas.Max));
    }

    [Theory]
    [InlineData("batch.global", "batch.global")]
    [InlineData("data.train[2].path", "data.train[].path")]
    [InlineData("data.train.path", "data.train[].path")]
    [InlineData("data.validation[0].label_column", "data.validation[].label_column")]
    [InlineData("evaluate.everySteps", "evaluate.every_steps")]
    public void Find_ByPath_TakesWhatSetTakes(string path, string found) => Assert.Equal(found, Reference.Find(path).Field!.Path);

    [Theory]
    [InlineData("evaluate.zeroshot", "evaluate.zeroshot")]
    [InlineData("data.validation", "data.train[]")]
    public void Find_OfASection_ReturnsIt(string path, string found) => Assert.Equal(found, Reference.Find(path).Section!.Path);

    [Theory]
    [InlineData("batch.globl", "batch.global")]
    [InlineData("lr", "optimizer.lr")]
    public void Find_UnknownField_NamesTheNearest(string path, string meant) =>
        Assert.Contains(meant, Assert.Throws<BadInputException>(() => Reference.Find(path)).Message, StringComparison.Ordinal);
}
