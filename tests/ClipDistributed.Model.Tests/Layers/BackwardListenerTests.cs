using ClipDistributed.Model.Layers;
using ClipDistributed.Model.Towers;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Layers;

public sealed class BackwardListenerTests
{
    [Fact]
    public void End_BackwardOnAThreadWithoutScope_LeavesNoTensorToTheFinalizer()
    {
        using var scope = NewDisposeScope();
        using var model = SampleModel.Create(SampleModel.Config(textLayers: 3));
        var stages = new List<int>();
        var listener = new BackwardListener(stages.Add);
        var texts = TextInput.From(SampleModel.Texts(model.Config.TextCfg, new Random(1), 5, 9), model.Config.TextCfg, CPU);
        var features = model.Texts.Forward(texts, listener);
        var gradient = ones_like(features);
        long before = Tensor.TotalCount;
        var thread = new Thread(() => autograd.backward(features, gradient)); // as a GPU's hooks run
        thread.Start();
        thread.Join();
        listener.End();
        Assert.Equal(before, Tensor.TotalCount);
        Assert.Equal(3, stages.Count);
    }
}
