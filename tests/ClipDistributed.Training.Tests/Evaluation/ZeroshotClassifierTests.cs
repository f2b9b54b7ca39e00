using System.Text.Json;
using ClipDistributed.Model;
using ClipDistributed.Model.Safetensors;
using ClipDistributed.Training.Evaluation;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Evaluation;

public sealed class ZeroshotClassifierTests
{
    [Fact]
    public void Build_GoldenModel_GivesReferenceClassifierAndLogits()
    {
        using var scope = NewDisposeScope();
        using var json = JsonDocument.Parse(File.ReadAllText(Fixtures.File("zeroshot/zeroshot.json")));
        using var golden = SafetensorsFile.Open(Fixtures.File("zeroshot/zeroshot.safetensors"));
        using var model = new ClipModel(Golden.Model("zeroshot/zeroshot.json"), CPU);
        Golden.Load(model.Parameters, golden, "weights.");
        int[] ids = golden.Load("input.tokens").data<int>().ToArray();

        var classifier = ZeroshotClassifier.Build(model, ids, context: 24, classes: 7);
        var logits = ZeroshotClassifier.Logits(model, golden.Load("input.images"), classifier);

        Golden.AssertClose(golden.Load("out.classifier"), classifier, 1e-5, 0, "classifier");
        Golden.AssertClose(golden.Load("out.logits"), logits, 1e-5, 1e-5, "logits");
        Assert.Equal(golden.Load("out.top5").data<int>().Select(i => (long)i), logits.topk(5).indexes.contiguous().data<long>());
    }

    [Fact]
    public void Prompts_ClassesAndTemplates_AreClassByClass()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Fixtures.File("zeroshot/zeroshot.json")));
        string[] Strings(string key) => [.. json.RootElement.GetProperty(key).EnumerateArray().Select(item => item.GetString()!)];
        Assert.Equal(Strings("texts"), ZeroshotClassifier.Prompts(Strings("classnames"), Strings("templates")));
    }
}
