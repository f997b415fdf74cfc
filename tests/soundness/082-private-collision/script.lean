omega

namespace Other
private theorem lemma_one : 1 = 1 := rfl
end Other