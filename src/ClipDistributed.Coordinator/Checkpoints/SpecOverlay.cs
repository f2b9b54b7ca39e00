using System.Collections;
using ClipDistributed.Contracts.Spec.V1;
using Google.Protobuf;

namespace ClipDistributed.Coordinator.Checkpoints;

/// <summary>Lays a spec with some values over a full one.</summary>
internal static class SpecOverlay
{
    /// <summary>Values that are given replace those of the target; a list that is given replaces the whole list.</summary>
    public static void Apply(TrainingSpec given, TrainingSpec target)
    {
        ClearLists(given, target);
        target.MergeFrom(given);
    }

    private static void ClearLists(IMessage given, IMessage target)
    {
        foreach (var field in given.Descriptor.Fields.InDeclarationOrder())
        {
            var (value, own) = (field.Accessor.GetValue(given), field.Accessor.GetValue(target));
            if (field.IsRepeated && ((IList)value).Count > 0)
                field.Accessor.Clear(target);
            else if (!field.IsRepeated && value is IMessage inner && own is IMessage changed)
                ClearLists(inner, changed);
        }
    }
}
